import { Fragment } from 'react'
import { t } from '@/i18n/en/shell'
import { Dialog } from '@/ui'
import { useDialogs } from './dialogs'
import css from './KeyMap.module.css'
import { useNavigation, type LinkGroup } from './useNavigation'

type Row = readonly [keys: readonly string[], meaning: string]

/** All keys in one place. */
export function KeyMap() {
  const isOpen = useDialogs((dialogs) => dialogs.open === 'keys')
  const show = useDialogs((dialogs) => dialogs.show)
  const groups = useNavigation()
  return (
    <Dialog title={t.keysTitle} size="wide" isOpen={isOpen} onClose={() => show(null)}>
      <p>{t.keysIntro}</p>
      <div className={css['groups']}>
        {keysOf(groups).map(([title, rows]) => (
          <section key={title}>
            <h3 className={css['title']}>{title}</h3>
            <dl className={css['rows']}>
              {rows.map(([keys, meaning]) => (
                <Fragment key={meaning}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}

function keysOf(groups: readonly LinkGroup[]): readonly (readonly [string, readonly Row[]])[] {
  const links = groups.flatMap((group) => group.links)
  const pages = links.flatMap(({ key, label }): Row[] => (key ? [[['g', key], t.keyGo(label)]] : []))
  return [
    [
      t.general,
      [
        [['Ctrl K'], t.keyPalette],
        [['?'], t.keyMap],
        [['Esc'], t.keyEscape],
        [['F6', 'Shift F6'], t.keyPanes],
        [['Ctrl S'], t.keySave],
        [['t', '1', 'h'], t.keyRange],
      ],
    ],
    [t.go, [...pages, [['g', 'w'], t.keyScope]]],
    [
      t.inLogs,
      [
        [['Shift Enter', 'Ctrl Enter'], t.keyRun],
        [['Alt Shift F', 'Ctrl /', 'F12', 'F2'], t.keyEditor],
        [['Ctrl M'], t.keyLeaveEditor],
        [['←', '→', 'Insert', 'Delete'], t.keyTabs],
        [['↑', '↓', 'Enter', 'Space', 'Ctrl C'], t.keyGrid],
        [['f', 'x'], t.keyFilter],
      ],
    ],
    [t.inLists, [[['↑', '↓', 'Enter', 'Space'], t.keyList]]],
  ]
}
