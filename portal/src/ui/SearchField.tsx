import { Search, X } from 'lucide-react'
import type { Ref } from 'react'
import {
  Button,
  Group,
  Input,
  SearchField as AriaSearchField,
  type SearchFieldProps as AriaProps,
} from 'react-aria-components'
import { t } from '@/i18n/en/ui'
import { cx } from './cx'
import css from './Field.module.css'
import { FieldLabel } from './FieldParts'

export interface SearchFieldProps extends Omit<AriaProps, 'children' | 'className' | 'style'> {
  readonly label: string
  readonly placeholder?: string
  readonly className?: string | undefined
  readonly ref?: Ref<HTMLInputElement>
}

/** A search text with its loupe; Escape empties it. The label is for screen readers, the placeholder for eyes. */
export function SearchField({ label, placeholder, className, ref, ...rest }: SearchFieldProps) {
  return (
    <AriaSearchField {...rest} className={cx(css['field'], className)}>
      {({ isEmpty }) => (
        <>
          <FieldLabel label={label} isLabelHidden />
          <Group className={css['box']!}>
            <Search className={css['boxIcon']} aria-hidden />
            <Input ref={ref} placeholder={placeholder ?? label} className={css['input']!} />
            {!isEmpty && (
              <Button className={css['boxButton']!} aria-label={t.clear}>
                <X aria-hidden />
              </Button>
            )}
          </Group>
        </>
      )}
    </AriaSearchField>
  )
}
