/** Fails when a link of the site of the documentation leads nowhere: `node test/setup/site-links.mjs docs/api`. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const site = resolve(process.argv[2] ?? 'docs/api')
const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))

const textOf = (/** @type {string} */ text) =>
  text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<')

/** @type {Map<string, { readonly ids: ReadonlySet<string>, readonly links: ReadonlySet<string> }>} */
const read = new Map(
  pages.map((page) => {
    const html = readFileSync(join(site, page), 'utf8')
    return [
      join(site, page),
      {
        ids: new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id = '']) => textOf(id))),
        links: new Set([...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link = '']) => textOf(link)))
      }
    ]
  })
)

const broken = []
let followed = 0
for (const [page, { links }] of read) {
  for (const link of links) {
    if (/^(?:[a-z]+:|\/\/)/i.test(link)) continue
    followed += 1
    const [path = '', anchor = ''] = link.split('#')
    const target = path === '' ? page : join(dirname(page), decodeURIComponent(path.replace(/\?.*$/, '')))
    if (!existsSync(target)) broken.push(`${relative(site, page)}: ${link}: no such page`)
    // What follows the # in the playground is a question, not a heading.
    else if (
      anchor !== '' &&
      page !== join(site, 'playground', 'index.html') &&
      read.has(target) &&
      !read.get(target)?.ids.has(decodeURIComponent(anchor))
    )
      broken.push(`${relative(site, page)}: ${link}: no such heading`)
  }
}
for (const one of broken) console.error(one)
if (followed === 0) console.error(`${site} has no links.`)
if (broken.length > 0 || followed === 0) process.exitCode = 1
else console.log(`${String(pages.length)} pages, ${String(followed)} links, all lead somewhere.`)
