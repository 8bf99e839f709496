/**
 * The script of the launch page. The form does the same without it, with one press of a button more.
 *
 * - The fields of an app by its URLs are sent only if that app is chosen.
 * - Another user lists the patients of that user, and the chosen patient is forgotten; a patient portal gets a user who
 *   is a patient.
 * - "Copy link" copies the link of the form. If there is none, the form is sent, and says why.
 * - The browser keeps the app of the last launch, for pages whose address names none, and the kind of the launch where
 *   that app is one by its URLs. Of keys it keeps an address, or the public members. The secret is kept for this tab
 *   alone, until it is closed. "Start afresh" forgets all of it.
 */
export const panelScript = `const form = document.querySelector('form.launch')
const { app, user } = form.elements
const own = document.getElementById('own-app')
const names = ['launch_uri', 'redirect_uris', 'client_id', 'client_name', 'application_type', 'scope', 'secret_method',
  'keys']
const field = (name) => form.elements.namedItem(name)
const more = document.getElementById('more-of-app')
const fit = () => {
  own.disabled = app.value !== '*'
  const filled = [...more.querySelectorAll('input, select, textarea')].some(({ value }) => value !== '')
  if (filled || field('kind').value === 'backend') more.open = true
}

const publicKeys = (text) => {
  if (/^https?:/.test(text)) return text
  try {
    return JSON.stringify({ keys: JSON.parse(text).keys.map(({ kty, kid, alg, use, crv, x, y, n, e }) =>
      ({ kty, kid, alg, use, crv, x, y, n, e })) })
  } catch {
    return ''
  }
}
const stored = (storage, name) => {
  try {
    return JSON.parse(storage.getItem(name)) ?? {}
  } catch {
    return {}
  }
}
const store = (storage, name, value) => {
  try {
    storage.setItem(name, JSON.stringify(value))
  } catch {}
}
const kept = () => {
  const last = stored(localStorage, 'last-app')
  // Earlier releases kept the secret there.
  if (last.fields?.client_secret !== undefined) {
    delete last.fields.client_secret
    store(localStorage, 'last-app', last)
  }
  return last
}
const keep = () => {
  const fields = Object.fromEntries(names.map((name) => [name, field(name).value]))
  const isOwn = app.value === '*'
  store(localStorage, 'last-app', { app: app.value, kind: field('kind').value,
    fields: isOwn ? { ...fields, keys: publicKeys(fields.keys) } : kept().fields })
  if (isOwn) store(sessionStorage, 'last-secret', [whose(), field('client_secret').value])
}
// The address of a launch has no secret. That of an app goes to no other address than before.
const whose = () => JSON.stringify(['client_id', 'launch_uri', 'redirect_uris'].map((name) => field(name).value))
const addSecret = () => {
  const { 0: id, 1: secret } = stored(sessionStorage, 'last-secret')
  if (field('client_secret').value === '' && id === whose()) field('client_secret').value = secret
}
const address = new URLSearchParams(location.search)
const last = kept()
if (!address.has('app')) {
  for (const name of names) if (last.fields?.[name] !== undefined) field(name).value = last.fields[name]
  if ([...app.options].some(({ value }) => value === last.app)) app.value = last.app
  // The user of a portal is not kept, and a registered app is launched in the first way that it can be.
  const kind = address.has('kind') || last.kind === 'portal' || last.app !== '*' ? null : last.kind
  for (const one of field('kind')) if (one.value === kind) one.checked = true
}
addSecret()
fit()
addEventListener('pageshow', fit)
app.addEventListener('change', fit)
form.addEventListener('submit', keep)
document.getElementById('afresh').addEventListener('click', () => {
  try {
    localStorage.removeItem('last-app')
    sessionStorage.removeItem('last-secret')
  } catch {}
})

const list = form.querySelector('[data-list]')
list.hidden = true
const relist = () => {
  form.querySelector('[name=patient][value=""]').checked = true
  field('encounter')?.replaceChildren()
  list.click()
}
user.addEventListener('change', relist)
for (const one of field('kind')) one.addEventListener('change', () => {
  fit()
  const patient = user.querySelector('[data-patient]')
  if (one.value !== 'portal' || patient === null || user.selectedOptions[0].hasAttribute('data-patient')) return
  patient.selected = true
  relist()
})

const copied = document.getElementById('copied')
// Beside a field that has the focus, the bar of the buttons is as low as it can be.
form.addEventListener('focusin', ({ target }) => {
  if (target.closest('.decide') === null) copied.textContent = ''
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
    copied.textContent = 'Copied. ' + ['link-is', 'only-here']
      .map((id) => page.getElementById(id)?.textContent ?? '').join(' ')
    copy.textContent = 'Copied'
    setTimeout(() => { copy.textContent = 'Copy link' }, 3000)
  } catch {
    form.requestSubmit(get)
  }
})
`
