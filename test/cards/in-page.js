// What the tests of cards ask of a page: these functions run in the browser.

/** Resolves when the page's fonts are there. */
export async function fontsReady() {
  await document.fonts.ready;
}

export function openDetails() {
  for (const details of document.querySelectorAll("details")) details.open = true;
}

/** @returns {number} */
export function pageWidth() {
  return document.documentElement.scrollWidth;
}

/** Set by code that should not have run. @returns {unknown} */
export function hit() {
  return window.hit;
}

/** What scrolls sideways and cannot be focused. @returns {string[]} */
export function unreachable() {
  return [...document.querySelectorAll("main *")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(element).overflowX))
    .filter((element) => element.tabIndex < 0)
    .map((element) => element.outerHTML.slice(0, 80));
}

/** Texts whose contrast to the background is below what WCAG asks for (4.5, 3 for large ones). @returns {string[]} */
export function faintTexts() {
  const parse = (color) => {
    const [r = 0, g = 0, b = 0, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
    return { rgb: [r, g, b], alpha };
  };
  const over = (top, below) => top.rgb.map((value, index) => value * top.alpha + below[index] * (1 - top.alpha));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (element === null) return [255, 255, 255];
    const color = parse(getComputedStyle(element).backgroundColor);
    return color.alpha === 1 ? color.rgb : over(color, behind(element.parentElement));
  };
  const faint = [];
  let seen = 0;
  for (const element of document.querySelectorAll("main *, footer *")) {
    const text = [...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.textContent)
      .join("")
      .trim();
    // Texts of pictures stand on their shapes.
    if (text === "" || element.closest("svg, script, noscript") !== null || element.getClientRects().length === 0) continue;
    seen++;
    const style = getComputedStyle(element);
    const background = behind(element);
    const [a, b] = [luminance(over(parse(style.color), background)), luminance(background)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const isLarge = Number.parseFloat(style.fontSize) >= 24;
    if (contrast < (isLarge ? 3 : 4.5)) faint.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return seen > 100 ? faint : [`only ${seen} texts were looked at`];
}
