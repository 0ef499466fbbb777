/** The dashboard's HTML: nothing but a place for its script, under a policy that lets nothing else in. */

export interface PageParts {
  /** URIs of the bundled script and style sheet, as the page may load them. */
  readonly script: string;
  readonly style: string;
  /** Source of the style sheet for the policy, and the number that admits script and styles of this page alone. */
  readonly cspSource: string;
  readonly nonce: string;
  /** Of the config, told to the page so that it remembers it even if nothing else ever arrives. */
  readonly configFile: string;
}

export function page({ script, style, cspSource, nonce, configFile }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    // Charts are drawn to a PNG by way of an image of their SVG.
    'img-src blob: data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="east-config" content="${escapeAttribute(configFile)}">
<link rel="stylesheet" href="${style}">
<title>EAST dashboard</title>
</head>
<body>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}

function escapeAttribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
