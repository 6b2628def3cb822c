import { formatBytes } from "../../core/quantity-text.js";
import { markup, type SafeHtml } from "../html.js";
import { note } from "../components/figure.js";
import { limits } from "../limits.js";
import { dataUri } from "./image-bytes.js";

export interface ImageViewOptions {
  readonly type: string;
  readonly alt: string;
  /** Pixels. */
  readonly width?: number | undefined;
}

/** A picture that stands in the page itself. */
export function imageView(bytes: Uint8Array, { type, alt, width }: ImageViewOptions): SafeHtml {
  if (bytes.length > limits.imageBytes) {
    return note(`A picture of ${formatBytes(bytes.length)} is more than a card holds (${formatBytes(limits.imageBytes)}): make it smaller.`);
  }
  return markup`<img src="${dataUri(type, bytes)}" alt="${alt}" ${width !== undefined && markup` width="${Math.round(width)}"`} />`;
}
