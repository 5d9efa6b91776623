import { lazy, Suspense } from 'react'
import { Loading } from './Loading'

const MarkdownText = lazy(() =>
  import('./MarkdownText').then(({ MarkdownText: component }) => ({ default: component })),
)

/** Text with markdown's marks; no HTML in it is taken for HTML. Its reader is loaded when it is first needed. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <Suspense fallback={<Loading />}>
      <MarkdownText text={text} />
    </Suspense>
  )
}
