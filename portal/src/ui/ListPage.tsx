import type { ReactNode } from 'react'
import { useUrlState } from '@/lib/url-state'
import { ListTable, type ListTableProps } from './ListTable'
import css from './ListTable.module.css'
import { Page } from './Page'
import { SidePanel } from './SidePanel'

export interface ListPanel {
  readonly title: string
  readonly content: ReactNode
  readonly actions?: ReactNode
  readonly size?: 'normal' | 'wide'
}

export interface ListPageProps<T> extends Omit<ListTableProps<T>, 'label'> {
  /** The page's heading and the list's name. */
  readonly title: string
  readonly chips?: ReactNode
  readonly description?: ReactNode
  readonly actions?: ReactNode
  /** What the panel beside the list shows of the row that `?sel=` names. */
  readonly panel?: (row: T, close: () => void) => ListPanel
  /** Between the heading and the list: a banner, a sum. */
  readonly children?: ReactNode
}

/** A page that is a list, with details of the open row beside it. */
export function ListPage<T>(props: ListPageProps<T>) {
  const { title, chips, description, actions, panel, children, urlPrefix = '', ...list } = props
  const [opened, setOpened] = useUrlState(`${urlPrefix}sel`)
  const row = opened === '' ? undefined : list.rows?.find((candidate) => list.rowKey(candidate) === opened)
  const close = () => setOpened('')
  const shown = panel && row !== undefined ? panel(row, close) : null
  return (
    <Page title={title} chips={chips} description={description} actions={actions}>
      {children}
      <div className={css['split']}>
        <ListTable
          {...list}
          isPlain={list.isPlain ?? (!panel && !list.onOpen)}
          label={title}
          urlPrefix={urlPrefix}
        />
        {shown && (
          <SidePanel
            key={opened}
            title={shown.title}
            actions={shown.actions}
            onClose={close}
            {...(shown.size ? { size: shown.size } : {})}
          >
            {shown.content}
          </SidePanel>
        )}
      </div>
    </Page>
  )
}
