/**
 * The scope playground as a page of its own, for the site of the documentation: three files in one folder.
 *
 * @module
 */
import { playgroundForm } from './form.js'
import { playgroundStyles } from './styles.js'
import { html } from '../host/html.js'

const pageStyles = `:root { color-scheme: light dark; font: 1rem/1.55 system-ui, sans-serif }
body { max-width: 72rem; margin: 0 auto; padding: 1rem; color: CanvasText; background: Canvas }
button { font: inherit; padding: .5rem 1.1rem }
:focus-visible { outline: 3px solid #d97700; outline-offset: 2px }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --accent: #8ab8ff; --line: #4a525b;
  --good: #57c878; --warn: #f0b04a } }
`

/** The files of the page by name, without the script. */
export const playgroundFiles: Readonly<Record<string, string>> = {
  'playground.css': `${pageStyles}${playgroundStyles}`,
  'index.html': html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; style-src 'self'; script-src 'self'; img-src data:">
<title>Scope playground - smart-app-launch</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="playground.css">
<script src="playground.js" defer></script>
</head>
<body>
<main>
<h1>Scope playground</h1>
<p><a href="../index.html">Documentation of smart-app-launch</a></p>
${playgroundForm}
</main>
</body>
</html>
`.html
}
