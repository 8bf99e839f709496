/** The script that copies texts of pages, and does nothing else. Without it the texts can be selected. */
export const copyScript = `for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy).textContent
    const status = document.getElementById('copied')
    try {
      await navigator.clipboard.writeText(text)
      button.textContent = 'Copied'
      if (status !== null) status.textContent = 'Copied.'
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy))
      if (status !== null) status.textContent = 'The browser does not let pages copy. The text is selected.'
    }
  })
}
`
