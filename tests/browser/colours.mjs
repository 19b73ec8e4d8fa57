// Contrast as WCAG 2 defines it, of all text that is seen. Runs inside the page.

/** The texts whose contrast is below 4.5, or below 3 where they are large: "1.23 regressed". */
export const tooFaint = () => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  canvas.canvas.width = canvas.canvas.height = 1;

  // Colours over each other, the lowest first, as the eye gets them
  const mixed = colours => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const backgrounds = element => {
    const colours = [];
    for (let e = element; e; e = e.parentElement) colours.unshift(getComputedStyle(e).backgroundColor);
    return ['white', ...colours];
  };
  const faint = new Set();
  for (const element of document.body.querySelectorAll('*')) {
    const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join('');
    if (!text || !element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }) || element.tagName === 'SCRIPT') continue;
    const style = getComputedStyle(element), below = backgrounds(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const value = contrast(mixed(below), mixed([...below, style.color]));
    if (value < (large ? 3 : 4.5)) faint.add(`${value.toFixed(2)} ${element.className} ${text.slice(0, 40)}`);
  }
  return [...faint];
};
