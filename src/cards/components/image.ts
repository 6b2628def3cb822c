import type { SafeHtml } from "../html.js";
import { briefText } from "../values/brief-text.js";
import { imageType, isSvgText } from "../values/image-bytes.js";
import { imageView } from "../values/image-view.js";
import { Component } from "./component.js";
import { figure } from "./figure.js";

export interface ImageOptions {
  readonly title?: string;
  /** What the picture shows, for those who cannot see it; default the title. */
  readonly alt?: string;
  /** Pixels; default its own width, at most the card's. */
  readonly width?: number;
}

/** A picture: the bytes of a PNG, JPEG, GIF, WebP, AVIF or SVG file, the text of an SVG, or a `data:` address. */
export class Image extends Component {
  #source: Uint8Array | string;
  readonly #options: ImageOptions;

  constructor(source: Uint8Array | string, options: ImageOptions = {}) {
    super();
    this.#source = source;
    this.#options = options;
  }

  /** Shows another picture from now on. */
  update(source: Uint8Array | string): void {
    this.#source = source;
  }

  override render(): SafeHtml {
    const { title, alt = title ?? "image", width } = this.#options;
    const bytes = bytesOf(this.#source);
    const type = bytes === undefined ? undefined : imageType(bytes);
    if (bytes === undefined || type === undefined) {
      const given = briefText(this.#source, 100);
      throw new TypeError(`Image shows the bytes of a PNG, JPEG, GIF, WebP, AVIF or SVG file, not ${given}`);
    }
    return figure(title, imageView(bytes, { type, alt, width }));
  }
}

const DATA_URI = /^data:image\/[\w.+-]+((?:;[\w=-]+)*),(.*)$/s;

function bytesOf(source: unknown): Uint8Array | undefined {
  if (source instanceof Uint8Array) return source;
  if (typeof source !== "string") return undefined;
  if (isSvgText(source)) return Buffer.from(source);
  const [, parameters, data] = DATA_URI.exec(source) ?? [];
  if (parameters === undefined || data === undefined) return undefined;
  return parameters.endsWith(";base64") ? Buffer.from(data, "base64") : Buffer.from(decodeURIComponent(data));
}
