// Returns the texts of an SVG picture whose WCAG contrast with the shape below is less than 4.5.
const channel = (value) => value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const luminance = (element) => getComputedStyle(element).fill.match(/[\d.]+/g).slice(0, 3)
  .reduce((sum, value, place) => sum + channel(Number(value)) * [0.2126, 0.7152, 0.0722][place], 0);
return [...document.querySelectorAll("text, tspan")]
  .filter((text) => text.textContent.trim() && !text.querySelector("tspan"))
  .map((text) => {
    const {left, right, top, bottom} = text.getBoundingClientRect();
    const under = document.elementsFromPoint((left + right) / 2, (top + bottom) / 2)
      .find((other) => !/text|tspan/.test(other.tagName) && getComputedStyle(other).fill !== "none");
    const [light, dark] = [text, under].map(luminance).sort((one, other) => other - one);
    return [(light + 0.05) / (dark + 0.05), text.textContent];
  }).filter(([ratio]) => ratio < 4.5);
