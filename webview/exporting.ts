/** Charts as files that look like the page does: colours and fonts written out, sizes as shown. */
import type { ChartKey } from './charts';
import { resolveColors, themeColor } from './colors';

const SVG = 'http://www.w3.org/2000/svg';
const GAP = 16;
const TITLE = 20;

export interface Titled {
  readonly title: string;
  readonly keys: readonly ChartKey[];
  readonly svg: SVGSVGElement;
}

/** All charts one below the other in a single image. */
export function composeSvg(charts: readonly Titled[]): {
  text: string;
  width: number;
  height: number;
} {
  const width = Math.max(...charts.map(({ svg }) => sizeOf(svg).width)) + 2 * GAP;
  let y = GAP;
  const root = document.createElementNS(SVG, 'svg');
  const background = document.createElementNS(SVG, 'rect');
  background.setAttribute('width', '100%');
  background.setAttribute('height', '100%');
  background.setAttribute('fill', 'var(--vscode-editor-background, #ffffff)');
  root.append(background);
  for (const { title, keys, svg } of charts) {
    const heading = document.createElementNS(SVG, 'text');
    heading.textContent = title;
    for (const [name, value] of Object.entries({
      x: GAP,
      y: y + 12,
      fill: 'currentColor',
      'font-weight': 600,
      'font-size': 13,
    })) {
      heading.setAttribute(name, String(value));
    }
    for (const { name, color, symbol } of keys) {
      const mark = document.createElementNS(SVG, 'tspan');
      mark.textContent = symbol;
      mark.setAttribute('dx', '14');
      mark.setAttribute('fill', color);
      const label = document.createElementNS(SVG, 'tspan');
      label.textContent = ` ${name}`;
      for (const part of [mark, label]) {
        part.setAttribute('font-weight', '400');
        part.setAttribute('font-size', '11');
      }
      heading.append(mark, label);
    }
    const copy = svg.cloneNode(true);
    if (!(copy instanceof SVGSVGElement)) continue;
    copy.setAttribute('x', String(GAP));
    copy.setAttribute('y', String(y + TITLE));
    copy.setAttribute('overflow', 'visible');
    root.append(heading, copy);
    y += TITLE + sizeOf(svg).height + GAP;
  }
  for (const [name, value] of Object.entries({
    xmlns: SVG,
    width,
    height: y,
    viewBox: `0 0 ${width} ${y}`,
    'font-family': themeColor('--vscode-font-family', 'sans-serif'),
    'font-size': 10,
    fill: 'currentColor',
  })) {
    root.setAttribute(name, String(value));
  }
  const text = resolveColors(new XMLSerializer().serializeToString(root));
  return { text, width, height: y };
}

/** Base64 of a PNG at twice the size, for screens that show it well. */
export async function svgToPng(text: string, width: number, height: number): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no images');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').replace(/^[^,]*,/, '');
}

function sizeOf(svg: SVGSVGElement): { width: number; height: number } {
  return {
    width: Number(svg.getAttribute('width')),
    height: Number(svg.getAttribute('height')),
  };
}
