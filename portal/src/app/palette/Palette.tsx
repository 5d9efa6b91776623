import { useState } from 'react'
import { Autocomplete, Header, Keyboard, Menu, MenuItem, MenuSection } from 'react-aria-components'
import { t } from '@/i18n/en/palette'
import { Overlay, SearchField } from '@/ui'
import { useDialogs } from '../shell/dialogs'
import css from './Palette.module.css'
import { usePaletteGroups } from './usePaletteGroups'

/** Everything that can be reached or done, found by typing. */
export function Palette() {
  const show = useDialogs((dialogs) => dialogs.show)
  const [text, setText] = useState('')
  const groups = usePaletteGroups(text)
  const items = groups.flatMap((group) => group.items)

  function run(id: string) {
    show(null)
    items.find((item) => item.id === id)?.run()
  }

  /** Enter while no item is marked, as right after new ones came: takes the first. */
  function runFirst() {
    const isMarked = document.activeElement?.hasAttribute('aria-activedescendant')
    if (!isMarked && items[0]) run(items[0].id)
  }

  return (
    <Overlay size="search" label={t.title} onClose={() => show(null)}>
      <Autocomplete inputValue={text} onInputChange={setText}>
        <SearchField
          autoFocus
          onSubmit={runFirst}
          label={t.title}
          placeholder={t.placeholder}
          className={css['search']}
        />
        <div
          className={css['scroll']}
          role="group"
          aria-label={t.found}
          // The focus stays in the field while arrows walk the list; what scrolls must be reachable by itself.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
        >
          <Menu
            aria-label={t.found}
            className={css['menu']!}
            onAction={(key) => run(String(key))}
            renderEmptyState={() => <p className={css['empty']}>{t.nothing}</p>}
          >
            {groups.map((group) => (
              <MenuSection key={group.id} id={group.id}>
                <Header className={css['heading']}>{group.label}</Header>
                {group.items.map(({ id, label, detail, icon: Icon, keys }) => (
                  <MenuItem key={id} id={id} textValue={label} className={css['item']!}>
                    <Icon aria-hidden />
                    <span className={css['label']}>{label}</span>
                    {detail && <span className={css['detail']}>{detail}</span>}
                    {keys && <Keyboard className={css['keys']}>{keys}</Keyboard>}
                  </MenuItem>
                ))}
              </MenuSection>
            ))}
          </Menu>
        </div>
      </Autocomplete>
      <p className={css['foot']}>{t.marks}</p>
    </Overlay>
  )
}
