/** Local date and time to the millisecond, `2026-03-07 14:03:07.123`: fast for many lines within one second. */
export class TimeStamps {
  #second = Number.NaN;
  #prefix = "";

  format(time: number): string {
    const second = Math.floor(time / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = formatDateTime(second * 1000);
    }
    return `${this.#prefix}.${String(Math.floor(time) - second * 1000).padStart(3, "0")}`;
  }
}

/** Local date and time to the second, `2026-03-07 14:03:07`. */
export function formatDateTime(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
