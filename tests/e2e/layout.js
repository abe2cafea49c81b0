// What is wrong with the layout of the page as it stands: an answer per fault, "what: which element".
// By structure, not by pixels (docs/adr/056-layout-by-structure.md).
() => {
  const GAP = 2 // pixels that boxes may share: borders, rounding
  const CONTROL = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=tab]'
  const DRAWN = 'svg, canvas, .maplibregl-map, [data-testid=sketch], [data-testid=elevation]' // markers may lie on one another
  const MARKED = '.visually-hidden, [aria-hidden=true]'
  const wide = document.documentElement.clientWidth
  const faults = []

  const name = (node) => {
    const id = node.closest('[data-testid]')?.dataset.testid ?? ''
    const said = (node.innerText || node.value || node.getAttribute('aria-label') || '').trim().slice(0, 30)
    return `${node.tagName.toLowerCase()}.${String(node.className).slice(0, 30)} "${said}" in [${id}]`
  }
  const scrolls = (style) => style === 'auto' || style === 'scroll'
  const clips = (style) => style === 'hidden' || style === 'clip'

  // The part of a box that its scrolling ancestors let through; null where nothing of it is drawn now.
  const through = (node, box) => {
    let { left, right, top, bottom } = box
    for (let up = node.parentElement; up; up = up.parentElement) {
      const style = getComputedStyle(up)
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue
      const frame = up.getBoundingClientRect()
      ;[left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)]
      ;[top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)]
    }
    return right - left > 0 && bottom - top > 0 ? { left, right, top, bottom } : null
  }
  const scroller = (node, axis) => {
    for (let up = node.parentElement; up && up !== document.body; up = up.parentElement) if (scrolls(getComputedStyle(up)[axis])) return up
    return null
  }
  // Who cuts a line of words off at the side without a way to read the rest; undefined where it ends in dots and the
  // title has the whole, null where nobody cuts it.
  const cutting = (node, line) => {
    for (let up = node; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up)
      if (scrolls(style.overflowX)) return null
      const frame = up.getBoundingClientRect()
      if (!clips(style.overflowX) || (line.left >= frame.left - GAP && line.right <= frame.right + GAP)) continue
      return style.textOverflow === 'ellipsis' && up.closest('[title]') ? undefined : up
    }
    return null
  }
  const layer = (node) => {
    for (let up = node; up && up !== document.body; up = up.parentElement) {
      if (up.matches('dialog[open], [popover]:popover-open') || ['fixed', 'sticky'].includes(getComputedStyle(up).position)) return up
    }
    return document.body
  }

  if (document.documentElement.scrollWidth > wide) faults.push(`page wider than the window: ${document.documentElement.scrollWidth} > ${wide}`)

  const seen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !node.closest(MARKED) && !node.closest(DRAWN)
  const boxes = []
  for (const node of document.querySelectorAll(`${CONTROL}, h1, h2, h3`)) {
    if (!seen(node)) continue
    const box = node.getBoundingClientRect()
    if (box.width === 0 || box.height === 0) continue
    if ((box.left < -GAP || box.right > wide + GAP) && !scroller(node, 'overflowX')) faults.push(`outside the window: ${name(node)}`)
    const style = getComputedStyle(node)
    const field = node.matches('input, textarea, select')
    if (!field && clips(style.overflowX) && node.scrollWidth > node.clientWidth + GAP && !node.title) faults.push(`cut off: ${name(node)}`)
    for (let up = node.parentElement; up && up !== document.body; up = up.parentElement) {
      const frame = up.getBoundingClientRect()
      const over = getComputedStyle(up)
      if (scrolls(over.overflowX) || scrolls(over.overflowY)) break
      if (clips(over.overflowX) && (box.left < frame.left - GAP || box.right > frame.right + GAP)) faults.push(`cut off by ${up.className}: ${name(node)}`)
    }
    if (node.matches(CONTROL)) for (const part of node.getClientRects()) boxes.push({ node, box: part, of: layer(node) })
  }

  // Words: one box per line of a text, without the air above and below.
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const text = walk.currentNode
    const parent = text.parentElement
    if (!text.data.trim() || !parent || parent.closest(`script, style, option, ${CONTROL}`) || !seen(parent)) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    for (const line of range.getClientRects()) {
      const air = line.height * 0.2
      boxes.push({ node: parent, box: { left: line.left, right: line.right, top: line.top + air, bottom: line.bottom - air }, of: layer(parent) })
      const lost = cutting(parent, line)
      if (lost) faults.push(`words cut off by ${lost.className}: ${name(parent)}`)
      else if (lost === null && line.right > wide + GAP && !scroller(parent, 'overflowX')) faults.push(`words outside the window: ${name(parent)}`)
    }
  }

  const drawn = boxes.flatMap((one) => {
    const part = through(one.node, one.box)
    return part ? [{ ...one, box: part }] : []
  })
  drawn.sort((a, b) => a.box.top - b.box.top)
  for (let i = 0; i < drawn.length; i += 1) {
    const a = drawn[i]
    for (let j = i + 1; j < drawn.length && drawn[j].box.top < a.box.bottom - GAP; j += 1) {
      const b = drawn[j]
      if (a.of !== b.of || a.node === b.node || a.node.contains(b.node) || b.node.contains(a.node)) continue
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
      if (across > GAP && down > GAP) faults.push(`overlap by ${Math.round(across)}×${Math.round(down)}: ${name(a.node)} | ${name(b.node)}`)
    }
  }
  return [...new Set(faults)].slice(0, 12)
}
