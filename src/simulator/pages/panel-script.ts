/**
 * The script of the launch page. The form does the same without it, with one press of a button more.
 *
 * - The fields of an app by its URLs are sent only if that app is chosen.
 * - Another user lists the patients of that user, and the chosen patient is forgotten; a patient portal gets a user who
 *   is a patient.
 * - "Copy link" copies the link of the form. If there is none, the form is sent, and says why.
 * - The browser keeps the app of the last launch, for pages whose address names none.
 *   Of keys it keeps an address, or the public members.
 */
export const panelScript = `const form = document.querySelector('form.launch')
const { app, user } = form.elements
const own = document.getElementById('own-app')
const names = ['launch_uri', 'redirect_uris', 'client_id', 'client_name', 'application_type', 'scope', 'client_secret',
  'secret_method', 'keys']
const field = (name) => form.elements.namedItem(name)
const fit = () => { own.disabled = app.value !== '*' }

const publicKeys = (text) => {
  if (/^https?:/.test(text)) return text
  try {
    return JSON.stringify({ keys: JSON.parse(text).keys.map(({ kty, kid, alg, use, crv, x, y, n, e }) =>
      ({ kty, kid, alg, use, crv, x, y, n, e })) })
  } catch {
    return ''
  }
}
const kept = () => {
  try {
    return JSON.parse(localStorage.getItem('last-app')) ?? {}
  } catch {
    return {}
  }
}
const keep = () => {
  const fields = Object.fromEntries(names.map((name) => [name, field(name).value]))
  const last = { app: app.value, kind: field('kind').value,
    fields: app.value === '*' ? { ...fields, keys: publicKeys(fields.keys) } : kept().fields }
  try {
    localStorage.setItem('last-app', JSON.stringify(last))
  } catch {}
}
const address = new URLSearchParams(location.search)
if (!address.has('app')) {
  const last = kept()
  for (const name of names) if (last.fields?.[name] !== undefined) field(name).value = last.fields[name]
  if ([...app.options].some(({ value }) => value === last.app)) app.value = last.app
  // The user of a portal is not kept.
  const kind = address.has('kind') || last.kind === 'portal' ? null : last.kind
  for (const one of field('kind')) if (one.value === kind) one.checked = true
} else if (address.has('client_id') && !address.has('client_secret')) {
  // The address of a launch has no secret.
  const { client_id, client_secret = '' } = kept().fields ?? {}
  if (client_id === address.get('client_id')) field('client_secret').value = client_secret
}
fit()
addEventListener('pageshow', fit)
app.addEventListener('change', fit)
form.addEventListener('submit', keep)

const list = form.querySelector('[data-list]')
list.hidden = true
const relist = () => {
  form.querySelector('[name=patient][value=""]').checked = true
  field('encounter')?.replaceChildren()
  list.click()
}
user.addEventListener('change', relist)
for (const one of field('kind')) one.addEventListener('change', () => {
  const patient = user.querySelector('[data-patient]')
  if (one.value !== 'portal' || patient === null || user.selectedOptions[0].hasAttribute('data-patient')) return
  patient.selected = true
  relist()
})

const copy = form.querySelector('[data-copy-link]')
const get = form.querySelector('[name=go][value=link]')
copy.hidden = false
copy.addEventListener('click', async () => {
  const query = new URLSearchParams(new FormData(form, get))
  try {
    const answer = await fetch(form.action + '?' + query)
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    await navigator.clipboard.writeText(page.getElementById('link').textContent)
    keep()
    document.getElementById('copied').textContent = 'Copied. ' + (page.getElementById('only-here')?.textContent ?? '')
    copy.textContent = 'Copied'
    setTimeout(() => { copy.textContent = 'Copy link' }, 3000)
  } catch {
    form.requestSubmit(get)
  }
})
`
