/**
 * The digits as strokes, in the several ways that meters' number wheels write them. A stroke is a list of points
 * [x, y] in a unit box, y downwards, joined by straight lines.
 */

const TURN = 2 * Math.PI;

/** Part of an ellipse from angle `from` to `to` in turns; 0 is right, a quarter is down. */
function arc(cx, cy, rx, ry, from, to) {
  const steps = Math.max(4, Math.ceil(Math.abs(to - from) * 14));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = TURN * (from + ((to - from) * i) / steps);
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}

/** Quadratic Bézier curve. */
function curve([x0, y0], [x1, y1], [x2, y2]) {
  return Array.from({ length: 7 }, (_, i) => {
    const t = i / 6;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return [a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2];
  });
}

const upsideDown = (strokes) => strokes.map((points) => points.map(([x, y]) => [1 - x, 1 - y]));

const roundSix = [arc(0.5, 0.69, 0.48, 0.31, 0, 1), curve([0.82, 0.02], [0.08, 0.2], [0.02, 0.69])];
const straightSix = [
  arc(0.5, 0.68, 0.48, 0.32, 0, 1),
  [
    [0.66, 0],
    [0.1, 0.52],
  ],
];
const hookedSix = [
  arc(0.5, 0.7, 0.46, 0.3, 0, 1),
  [...arc(0.5, 0.3, 0.46, 0.3, -0.06, -0.5), [0.04, 0.7]],
];

/** Per digit a list of variants, each a list of strokes. */
export const GLYPHS = [
  [
    [arc(0.5, 0.5, 0.48, 0.5, 0, 1)],
    [[...arc(0.5, 0.3, 0.45, 0.3, 0.5, 1), ...arc(0.5, 0.7, 0.45, 0.3, 0, 0.5), [0.05, 0.3]]],
  ],
  [
    [
      [
        [0.2, 0.25],
        [0.58, 0],
        [0.58, 1],
      ],
    ],
    [
      [
        [0.22, 0.2],
        [0.56, 0],
        [0.56, 1],
      ],
      [
        [0.2, 1],
        [0.92, 1],
      ],
    ],
    [
      [
        [0.5, 0],
        [0.5, 1],
      ],
    ],
  ],
  [
    [[...arc(0.5, 0.29, 0.47, 0.29, 0.5, 1.08), [0.02, 1], [1, 1]]],
    [
      [
        ...arc(0.5, 0.27, 0.45, 0.27, 0.54, 1.02),
        ...curve([0.95, 0.3], [0.8, 0.6], [0.04, 1]),
        [0.97, 1],
      ],
    ],
  ],
  [
    [
      [...arc(0.47, 0.26, 0.44, 0.26, 0.53, 1.22)],
      [...arc(0.47, 0.73, 0.5, 0.27, -0.22, 0.46)],
      [
        [0.38, 0.49],
        [0.55, 0.49],
      ],
    ],
    [[[0.05, 0], [0.92, 0], [0.45, 0.4], ...arc(0.46, 0.7, 0.5, 0.3, -0.22, 0.45)]],
  ],
  [
    [
      [
        [0.62, 0],
        [0.02, 0.7],
        [1, 0.7],
      ],
      [
        [0.74, 0.4],
        [0.74, 1],
      ],
    ],
    [
      [
        [0.72, 1],
        [0.72, 0],
        [0, 0.7],
        [1, 0.7],
      ],
    ],
  ],
  [
    [[[0.9, 0], [0.17, 0], [0.1, 0.46], ...arc(0.46, 0.68, 0.5, 0.32, -0.36, 0.43)]],
    [[[0.92, 0], [0.1, 0], [0.1, 0.45], [0.5, 0.42], ...arc(0.48, 0.71, 0.48, 0.29, -0.22, 0.44)]],
  ],
  [roundSix, straightSix, hookedSix],
  [
    [
      [
        [0.02, 0],
        [0.98, 0],
        [0.36, 1],
      ],
    ],
    [[[0.04, 0.12], [0.04, 0], [0.96, 0], ...curve([0.96, 0.04], [0.5, 0.45], [0.4, 1])]],
  ],
  [
    [arc(0.5, 0.25, 0.4, 0.25, 0, 1), arc(0.5, 0.74, 0.49, 0.26, 0, 1)],
    [arc(0.5, 0.26, 0.45, 0.26, 0, 1), arc(0.5, 0.75, 0.45, 0.25, 0, 1)],
  ],
  [roundSix, straightSix, hookedSix].map(upsideDown),
];
