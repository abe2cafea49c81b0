// Chinese, marks of punctuation too, that a reader of English meets, and nobody's own words: a name, a reason, a letter as the server sent it.
() => {
  const ALOUD = ['title', 'placeholder', 'aria-label', 'alt', 'label']
  const HAN = /\p{Script=Han}[\p{Script=Han}\d]*|[\u3001-\u301f\uff01-\uff65]+/gu
  const data = [...window.heard]
  const foreign = (text) => (text.match(HAN) ?? []).filter((run) => !data.some((one) => one.includes(run)))
  const faults = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement
    if (parent.closest('script, style, body [lang|=zh]')) continue
    for (const run of foreign(walk.currentNode.data)) faults.push(`untranslated: ${run} in ${parent.outerHTML.slice(0, 120)}`)
  }
  for (const node of document.querySelectorAll(ALOUD.map((name) => `[${name}]`).join()))
    for (const name of ALOUD) for (const run of foreign(node.getAttribute(name) ?? '')) faults.push(`untranslated: ${name}="${run}" in ${node.tagName}`)
  return [...new Set(faults)].slice(0, 12)
}
