/** A field's name as an option of the command line: `chunkSize` is `chunk-size`, `outputURL` is `output-url`. */
export function parameterFlag(field: string): string {
  return field
    .replaceAll(/([a-z\d])([A-Z])/g, "$1-$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replaceAll(/[_$]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .toLowerCase();
}
