import type { Plugin } from 'vite'

const TRANSLATION = /[\\/]react-(?:aria|aria-components|stately)[\\/].*[\\/](?!en-US)[a-z]{2}-[A-Z]{2}\.mjs$/

/**
 * Leaves one language of the controls' own words: that of the portal's. The others, of some thirty languages, would be
 * loaded by everybody with the first page. Dates and numbers are the browser's, and stay in the person's own way.
 */
export function english(): Plugin {
  return {
    name: 'kelp-english',
    enforce: 'pre',
    load(id) {
      return TRANSLATION.test(id) ? `export { default } from './en-US.mjs'` : null
    },
  }
}
