/** A number for people: grouped thousands, at most so many significant digits for fractions. */
export function formatNumber(value: number | bigint, digits = 6): string {
  if (typeof value === "bigint") return grouped(String(value));
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(String(value));
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return signed(rounded.toExponential().replace("e+", "e"));
  return grouped(String(rounded));
}

function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const sign = whole.startsWith("-") ? "−" : "";
  const figures = whole.replace("-", "");
  // Four digits read well as they are: years, ids.
  const parted = figures.length < 5 ? figures : figures.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${parted}${fraction === undefined ? "" : `.${fraction}`}`;
}

function signed(text: string): string {
  return text.replace(/^-/, "−");
}
