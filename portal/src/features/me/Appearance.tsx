import { useMemo, useState } from 'react'
import { t } from '@/i18n/en/me'
import { resolveZone, usePreferences, useTimeZone, type Density, type Theme } from '@/lib/preferences'
import { formatTime, listTimeZones } from '@/lib/time'
import { ComboBox, NumberField, RadioGroup, Switch } from '@/ui'
import css from './me.module.css'

/** What stands for the browser's own zone in the list; the preference itself is then empty. */
const BROWSER = 'browser'

const THEMES: readonly { id: Theme; label: string }[] = [
  { id: 'light', label: t.light },
  { id: 'dark', label: t.dark },
  { id: 'system', label: t.system },
]
const DENSITIES: readonly { id: Density; label: string }[] = [
  { id: 'comfortable', label: t.comfortable },
  { id: 'compact', label: t.compact },
]

export function Appearance() {
  const { theme, density, timeZone, keys, askAboveGigabytes, change } = usePreferences()
  const zone = useTimeZone()
  const [now] = useState(() => new Date())
  const zones = useMemo(
    () => [
      { id: BROWSER, label: t.browserZone(resolveZone('')) },
      ...listTimeZones().map((name) => ({ id: name, label: name })),
    ],
    [],
  )
  return (
    <div className={css['fields']}>
      <RadioGroup
        label={t.theme}
        orientation="horizontal"
        items={THEMES}
        value={theme}
        onChange={(next) => change({ theme: next })}
      />
      <RadioGroup
        label={t.density}
        orientation="horizontal"
        items={DENSITIES}
        value={density}
        onChange={(next) => change({ density: next })}
      />
      <ComboBox
        label={t.zone}
        description={t.zoneText(formatTime(now, zone))}
        items={zones}
        value={timeZone === '' ? BROWSER : timeZone}
        onChange={(next) => change({ timeZone: next === BROWSER ? '' : next })}
      />
      <Switch isSelected={keys} onChange={(next) => change({ keys: next })} description={t.keysText}>
        {t.keys}
      </Switch>
      <NumberField
        label={t.askAbove}
        description={t.askAboveText}
        minValue={0}
        value={askAboveGigabytes}
        onChange={(next) => Number.isFinite(next) && change({ askAboveGigabytes: next })}
      />
    </div>
  )
}
