/**
 * A part of the page as a picture: its boxes, charts and texts, where they stand and as far as they are seen. What is
 * marked `data-screen-only` has no place in it: menus, tools, handles.
 */

const SCREEN_ONLY = '[data-screen-only], [data-menu]'
const SCALE = 2
/** Browsers make no larger pictures. */
const MOST_PIXELS = 16_000
const MARGIN = 16
const LINE = 24

/** Raises an error where the picture would be larger than a browser makes one. */
export async function paintPicture(part: HTMLElement, heading: readonly string[] = []): Promise<Blob> {
  const box = part.getBoundingClientRect()
  const head = heading.length * LINE
  const [width, height] = [box.width + 2 * MARGIN, box.height + head + 2 * MARGIN]
  const scale = Math.min(SCALE, MOST_PIXELS / width, MOST_PIXELS / height)
  if (scale < 0.5) throw new Error('This is too large for a picture.')
  const drawings = await readDrawings(part)
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * scale)
  canvas.height = Math.ceil(height * scale)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('The browser has no canvas.')
  context.scale(scale, scale)
  const page = getComputedStyle(document.body)
  context.fillStyle = page.backgroundColor
  context.fillRect(0, 0, width, height)
  context.fillStyle = page.color
  for (const [index, line] of heading.entries()) {
    context.font = `${index === 0 ? '600 16px' : '13px'} ${page.fontFamily}`
    context.fillText(line, MARGIN, MARGIN + LINE * index + 16)
  }
  context.translate(MARGIN - box.left, MARGIN + head - box.top)
  paintElement({ context, drawings }, part)
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))),
      'image/png',
    )
  })
}

interface Brush {
  readonly context: CanvasRenderingContext2D
  readonly drawings: ReadonlyMap<Element, HTMLImageElement>
}

function paintElement(brush: Brush, element: Element): void {
  const style = getComputedStyle(element)
  if (isUnseen(element, style)) return
  const { context, drawings } = brush
  const box = element.getBoundingClientRect()
  context.save()
  paintBox(context, box, style)
  const drawing = element instanceof HTMLCanvasElement ? element : drawings.get(element)
  if (drawing) context.drawImage(drawing, box.left, box.top, box.width, box.height)
  else {
    if (style.overflow !== 'visible') clip(context, box)
    if (style.display === 'list-item') paintMarker(context, element, style)
    for (const child of stacked(element)) {
      if (child instanceof Text) paintText(context, child, style)
      else if (child instanceof Element) paintElement(brush, child)
    }
  }
  context.restore()
}

/** What sticks to an edge lies over what is scrolled under it. */
function stacked(element: Element): ChildNode[] {
  const isSticky = (child: ChildNode) =>
    child instanceof Element && getComputedStyle(child).position === 'sticky'
  const children = [...element.childNodes]
  return [...children.filter((child) => !isSticky(child)), ...children.filter(isSticky)]
}

function isUnseen(element: Element, style: CSSStyleDeclaration): boolean {
  const isHidden = style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0'
  return isHidden || style.clipPath !== 'none' || element.matches(SCREEN_ONLY)
}

function clip(context: CanvasRenderingContext2D, { left, top, width, height }: DOMRect): void {
  context.beginPath()
  context.rect(left, top, width, height)
  context.clip()
}

const SIDES = ['Top', 'Right', 'Bottom', 'Left'] as const

function paintBox(context: CanvasRenderingContext2D, box: DOMRect, style: CSSStyleDeclaration): void {
  const { left, top, width, height } = box
  const radius = Number.parseFloat(style.borderTopLeftRadius) || 0
  context.fillStyle = style.backgroundColor
  context.beginPath()
  context.roundRect(left, top, width, height, radius)
  context.fill()
  const widths = SIDES.map((side) => Number.parseFloat(style[`border${side}Width`]) || 0)
  const colors = SIDES.map((side) => style[`border${side}Color`])
  const [first = 0] = widths
  if (first > 0 && widths.every((each) => each === first) && new Set(colors).size === 1) {
    context.strokeStyle = colors[0] ?? ''
    context.lineWidth = first
    context.beginPath()
    context.roundRect(left + first / 2, top + first / 2, width - first, height - first, radius)
    context.stroke()
    return
  }
  const [t = 0, r = 0, b = 0, l = 0] = widths
  const strips = [
    [left, top, width, t],
    [left + width - r, top, r, height],
    [left, top + height - b, width, b],
    [left, top, l, height],
  ] as const
  for (const [index, strip] of strips.entries()) {
    context.fillStyle = colors[index] ?? ''
    context.fillRect(...strip)
  }
}

const MARKER_GAP = 8

/** The dot or number before an item of a list, which is in no text. */
function paintMarker(context: CanvasRenderingContext2D, element: Element, style: CSSStyleDeclaration): void {
  if (style.listStyleType === 'none') return
  const number = [...(element.parentElement?.children ?? [])].indexOf(element) + 1
  const text = style.listStyleType === 'decimal' ? `${number}.` : '•'
  setFont(context, style)
  const { left, top } = element.getBoundingClientRect()
  const { width, fontBoundingBoxAscent } = context.measureText(text)
  context.fillText(text, left - width - MARKER_GAP, top + fontBoundingBoxAscent)
}

function setFont(context: CanvasRenderingContext2D, style: CSSStyleDeclaration): void {
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
  context.fillStyle = style.color
}

/** Word by word, each where the browser has put it. */
function paintText(context: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration): void {
  setFont(context, style)
  const ascent = context.measureText('x').fontBoundingBoxAscent
  const range = document.createRange()
  for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index)
    range.setEnd(node, index + word.length)
    const [box, next] = range.getClientRects()
    if (box && !next) context.fillText(word, box.left, box.top + ascent)
    // A word that is broken over lines.
    else if (box) paintLetters(context, range, node, index, word)
  }
}

function paintLetters(
  context: CanvasRenderingContext2D,
  range: Range,
  node: Text,
  from: number,
  word: string,
): void {
  const ascent = context.measureText('x').fontBoundingBoxAscent
  let at = from
  for (const letter of word) {
    range.setStart(node, at)
    at += letter.length
    range.setEnd(node, at)
    const [box] = range.getClientRects()
    if (box) context.fillText(letter, box.left, box.top + ascent)
  }
}

/** The part's drawings as images, with the colours that they have on the page. */
async function readDrawings(part: Element): Promise<Map<Element, HTMLImageElement>> {
  const seen = [...part.querySelectorAll('svg')].filter(isDrawn)
  const images = await Promise.all(
    seen.map(async (drawing) => {
      const image = new Image()
      image.src = `data:image/svg+xml,${encodeURIComponent(drawingText(drawing))}`
      await image.decode()
      return [drawing, image] as const
    }),
  )
  return new Map(images)
}

function isDrawn(drawing: SVGElement): boolean {
  const { width, height } = drawing.getBoundingClientRect()
  return width > 0 && height > 0 && !drawing.closest(SCREEN_ONLY)
}

const PAINTED = ['fill', 'stroke', 'stroke-width', 'stroke-linecap', 'stroke-linejoin', 'opacity'] as const

function drawingText(drawing: SVGElement): string {
  const copy = drawing.cloneNode(true) as SVGElement
  const { width, height } = drawing.getBoundingClientRect()
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const originals = [drawing, ...drawing.querySelectorAll('*')]
  for (const [index, element] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(originals[index] as Element)
    for (const name of PAINTED) element.setAttribute(name, style.getPropertyValue(name))
  }
  return new XMLSerializer().serializeToString(copy)
}
