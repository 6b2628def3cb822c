/** What a chart tells of the mark that is pointed at. */
export class Tip {
  readonly #box = document.createElement("div");

  constructor() {
    this.#box.className = "tip";
    this.#box.setAttribute("role", "status");
  }

  readonly handler = (_handler: unknown, event: MouseEvent, _item: unknown, value: unknown): void => {
    const text = textOf(value);
    if (text === "") {
      this.#box.remove();
      return;
    }
    // Values are data: they are shown as text, whatever they hold.
    this.#box.textContent = text;
    document.body.append(this.#box);
    const room = document.documentElement.clientWidth - this.#box.offsetWidth - 8;
    this.#box.style.left = `${Math.max(8, Math.min(event.pageX + 12, room))}px`;
    this.#box.style.top = `${event.pageY + 14}px`;
  };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return plainText(value);
  return Object.entries(value)
    .map(([name, item]) => `${name}: ${plainText(item)}`)
    .join("\n");
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
