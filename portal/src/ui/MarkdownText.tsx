import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import css from './Markdown.module.css'

const PLUGINS = [remarkGfm]

const COMPONENTS: Components = {
  // Headings of a text stand below the page's own.
  h1: ({ children }) => <h2>{children}</h2>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ),
  // Nothing is fetched from elsewhere: an image of ours is shown, any other is named.
  img: ({ src, alt }) =>
    typeof src === 'string' && src.startsWith('data:image/') ? (
      <img src={src} alt={alt ?? ''} />
    ) : (
      <em>{alt}</em>
    ),
}

/** A link that opens: the web's own schemes, else nothing. */
function safeLink(url: string): string {
  return /^(https?:|data:image\/|\/(?!\/)|#)/i.test(url) ? url : ''
}

export function MarkdownText({ text }: { readonly text: string }) {
  return (
    <div className={css['markdown']}>
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={safeLink}>
        {text}
      </ReactMarkdown>
    </div>
  )
}
