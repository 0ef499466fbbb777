/** The editor's theme: colours by name for what CSS cannot reach (canvas, exported files), and when it changes. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** A theme variable's value; `fallback` where the theme does not set it. */
export function themeColor(variable: string, fallback: string): string {
  const value = getComputedStyle(document.body).getPropertyValue(variable).trim();
  return value === '' ? fallback : value;
}

const scratch = document.createElement('canvas');
scratch.width = 1;
scratch.height = 1;
const pixel = scratch.getContext('2d', { willReadFrequently: true });

/** Any CSS colour over the page's background, 0 … 255 each. */
export function toRgb(color: string, over: Rgb = [0, 0, 0]): Rgb {
  if (pixel === null) return over;
  pixel.fillStyle = `rgb(${over.join(' ')})`;
  pixel.fillRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = pixel.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** `t` = 0 gives `a`, 1 gives `b`. */
export function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** Replaces every `var(--x)` and `currentColor`: for a file, which has no theme. */
export function resolveColors(text: string): string {
  return text
    .replaceAll(/var\((--[\w-]+)(?:,\s*([^()]*))?\)/g, (_, name: string, fallback?: string) =>
      themeColor(name, fallback ?? '#888888'),
    )
    .replaceAll('currentColor', themeColor('--vscode-foreground', '#888888'));
}

/** VS Code changes the body's class and the variables on the root element together. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributeFilter: ['style', 'class'] });
}
