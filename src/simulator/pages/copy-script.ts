/** The script of the page "Your link": it copies a text, and does nothing else. */
export const copyScript = `for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy).textContent
    const status = document.getElementById('copied')
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy))
      if (status !== null) status.textContent = 'The browser does not let pages copy. The text is selected.'
    }
  })
}
`
