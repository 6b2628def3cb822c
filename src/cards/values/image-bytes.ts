/** A picture's media type by its first bytes; undefined when it is none that browsers show. */
export function imageType(bytes: Uint8Array): string | undefined {
  return (
    signatures.find(({ parts }) => parts.every(([offset, text]) => matches(bytes, offset, text)))?.type ??
    (isSvg(bytes) ? "image/svg+xml" : undefined)
  );
}

const signatures: readonly { readonly type: string; readonly parts: readonly (readonly [offset: number, text: string])[] }[] = [
  { type: "image/png", parts: [[0, "\x89PNG\r\n\x1a\n"]] },
  { type: "image/jpeg", parts: [[0, "\xff\xd8\xff"]] },
  { type: "image/gif", parts: [[0, "GIF8"]] },
  {
    type: "image/webp",
    parts: [
      [0, "RIFF"],
      [8, "WEBP"],
    ],
  },
  { type: "image/avif", parts: [[4, "ftypavif"]] },
];

function matches(bytes: Uint8Array, offset: number, text: string): boolean {
  return Buffer.from(
    bytes.buffer,
    bytes.byteOffset + Math.min(offset, bytes.length),
    Math.max(0, Math.min(text.length, bytes.length - offset)),
  ).equals(Buffer.from(text, "latin1"));
}

function isSvg(bytes: Uint8Array): boolean {
  return isSvgText(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1000)).toString("utf8"));
}

export function isSvgText(text: string): boolean {
  return /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!doctype svg[^>]*>\s*)?<svg[\s>]/i.test(text);
}

/** Bytes as an address that stands for them. Scripts of an SVG do not run in an image. */
export function dataUri(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`;
}
