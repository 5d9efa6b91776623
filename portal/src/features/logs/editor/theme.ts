import { monaco } from './monaco'

/** Parts of a query and the tokens that colour them: meaning keeps its colour in both themes, with text contrast. */
const WORDS: Readonly<Record<string, string>> = {
  '': 'text',
  keyword: 'link',
  'operator.sql': 'link',
  'operator.scss': 'link',
  function: 'accent',
  string: 'ok',
  number: 'warning',
  comment: 'text-3',
  type: 'link',
  tag: 'link',
  variable: 'text',
  'variable.parameter': 'text',
  'variable.predefined': 'text',
  annotation: 'text-2',
}

const PARTS: Readonly<Record<string, string>> = {
  'editor.background': 'bg',
  'editor.placeholder.foreground': 'text-3',
  'editor.foreground': 'text',
  'editorCursor.foreground': 'text',
  'editorLineNumber.foreground': 'text-3',
  'editorLineNumber.activeForeground': 'text',
  'editorGutter.background': 'bg',
  'editorWidget.background': 'raised',
  'editorWidget.foreground': 'text',
  'editorWidget.border': 'border',
  'editorHoverWidget.background': 'raised',
  'editorHoverWidget.border': 'border',
  'editorSuggestWidget.background': 'raised',
  'editorSuggestWidget.border': 'border',
  'editorSuggestWidget.foreground': 'text',
  'editorSuggestWidget.highlightForeground': 'link',
  'editorSuggestWidget.focusHighlightForeground': 'link',
  'editorSuggestWidget.selectedForeground': 'text',
  'editorSuggestWidget.selectedBackground': 'surface',
  'editorError.foreground': 'danger',
  'editorWarning.foreground': 'warning',
  'editorInfo.foreground': 'link',
  'input.background': 'bg',
  'input.foreground': 'text',
  'input.border': 'border',
  'list.hoverBackground': 'surface',
  'list.activeSelectionBackground': 'surface',
  'list.activeSelectionForeground': 'text',
  'menu.background': 'raised',
  'menu.foreground': 'text',
  'menu.selectionBackground': 'surface',
  'menu.selectionForeground': 'text',
  'menu.border': 'border',
  focusBorder: 'focus',
  descriptionForeground: 'text-2',
  foreground: 'text',
  'icon.foreground': 'text-2',
  'textLink.foreground': 'link',
  'textLink.activeForeground': 'link',
}

/** Tinted grounds: a token with an alpha, as Monaco draws them over the text's ground. */
const TINTS: Readonly<Record<string, readonly [token: string, alpha: string]>> = {
  'editor.selectionBackground': ['link', '40'],
  'editor.inactiveSelectionBackground': ['link', '26'],
  'editor.selectionHighlightBackground': ['link', '14'],
  'editor.findMatchBackground': ['warning', '66'],
  'editor.findMatchHighlightBackground': ['warning', '33'],
  'editor.wordHighlightBackground': ['link', '20'],
  'editorBracketMatch.background': ['accent', '33'],
  'editorBracketMatch.border': ['accent', 'ff'],
  'scrollbarSlider.background': ['border', '66'],
  'scrollbarSlider.hoverBackground': ['border', '99'],
  'scrollbarSlider.activeBackground': ['border', 'cc'],
  'widget.shadow': ['text', '00'],
}

/** Makes Monaco's themes from the page's tokens, and follows the page from one to the other. */
export function followTheme(): () => void {
  apply()
  const observer = new MutationObserver(apply)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}

function apply(): void {
  const styles = getComputedStyle(document.documentElement)
  const token = (name: string) => sixDigits(styles.getPropertyValue(`--${name}`).trim())
  const isDark = document.documentElement.dataset['theme'] === 'dark'
  const name = isDark ? 'kelp-dark' : 'kelp-light'
  monaco.editor.defineTheme(name, {
    base: isDark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: Object.entries(WORDS).map(([word, color]) => ({
      token: word,
      foreground: token(color).slice(1),
      fontStyle: word === 'comment' ? 'italic' : '',
    })),
    colors: Object.fromEntries([
      ...Object.entries(PARTS).map(([part, color]) => [part, token(color)]),
      ...Object.entries(TINTS).map(([part, [color, alpha]]) => [part, token(color) + alpha]),
    ]) as Record<string, string>,
  })
  monaco.editor.setTheme(name)
}

/** A colour as Monaco reads it: builds write `#ffffff` shorter. */
function sixDigits(color: string): string {
  const canvas = document.createElement('canvas').getContext('2d')
  if (!canvas) return color
  canvas.fillStyle = color
  return canvas.fillStyle
}
