import type { SafeHtml } from "../html.js";

const MARK = Symbol.for("millrace.card.component");

/** What goes into a card: `current.card.append(component)`. It is drawn when the card is, so later changes show. */
export abstract class Component {
  /** @internal */
  readonly [MARK] = true;

  /**
   * The component as HTML.
   * @internal
   */
  abstract render(): SafeHtml;
}

/** Also true for components of another copy of this package. */
export function isComponent(value: unknown): value is Component {
  try {
    return typeof value === "object" && value !== null && MARK in value && "render" in value;
  } catch {
    // A proxy that does not let itself be asked.
    return false;
  }
}
