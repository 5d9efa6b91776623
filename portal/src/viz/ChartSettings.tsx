/** The pane that changes how a result is drawn, without running anything again. */

import type { ReactNode } from 'react'
import { t } from '@/i18n/en/viz'
import { KINDS, renderLine, traitsOf, type Kind, type Render } from './render'
import styles from './settings.module.css'
import type { ChartColumn } from './table'

export interface ChartSettingsProps {
  readonly columns: readonly ChartColumn[]
  readonly render: Render
  readonly onChange: (render: Render) => void
  /** Given the `render` line to be put at the end of the query. */
  readonly onWriteBack?: (line: string) => void
}

export function ChartSettings({ columns, render, onChange, onWriteBack }: ChartSettingsProps) {
  const set = (change: Partial<Render>) => onChange({ ...render, ...change })
  const names = columns.map(({ name }) => name)
  const say = t.settings
  const { hasAxes, stacks } = traitsOf(render.visualization)
  return (
    <form className={styles['settings']} aria-label={say.title} onSubmit={(event) => event.preventDefault()}>
      <Choice
        label={say.visualization}
        value={render.visualization}
        choices={Object.fromEntries(KINDS.map((kind) => [kind, t.kinds[kind]]))}
        onChange={(visualization) => set({ visualization: visualization as Kind })}
      />
      <Words label={say.chartTitle} value={render.title} onChange={(title) => set({ title })} />
      {stacks && (
        <Choice
          label={say.variant}
          value={render.kind ?? ''}
          choices={say.variants}
          onChange={(kind) => set({ kind: kind || null })}
        />
      )}
      <Choice
        label={say.xColumn}
        value={render.xColumn ?? ''}
        choices={{ '': say.automatic, ...Object.fromEntries(names.map((name) => [name, name])) }}
        onChange={(xColumn) => set({ xColumn: xColumn || null })}
      />
      <Columns
        label={say.yColumns}
        value={render.yColumns}
        names={names}
        onChange={(yColumns) => set({ yColumns })}
      />
      <Columns
        label={say.series}
        value={render.series}
        names={names}
        onChange={(series) => set({ series })}
      />
      {render.visualization === 'anomalychart' && (
        <Columns
          label={say.anomalyColumns}
          value={render.anomalyColumns}
          names={names}
          onChange={(anomalyColumns) => set({ anomalyColumns })}
        />
      )}
      {hasAxes && <AxisSettings render={render} set={set} />}
      <Choice
        label={say.legend}
        value={render.legend}
        choices={say.legends}
        onChange={(legend) => set({ legend: legend as Render['legend'] })}
      />
      {onWriteBack && (
        <button type="button" onClick={() => onWriteBack(renderLine(render))}>
          {say.writeBack}
        </button>
      )}
    </form>
  )
}

function AxisSettings({
  render,
  set,
}: {
  readonly render: Render
  readonly set: (change: Partial<Render>) => void
}) {
  const say = t.settings
  return (
    <>
      <Words label={say.xTitle} value={render.xTitle} onChange={(xTitle) => set({ xTitle })} />
      <Words label={say.yTitle} value={render.yTitle} onChange={(yTitle) => set({ yTitle })} />
      <Choice
        label={say.xAxis}
        value={render.xAxis}
        choices={say.scales}
        onChange={(xAxis) => set({ xAxis: xAxis as Render['xAxis'] })}
      />
      <Choice
        label={say.yAxis}
        value={render.yAxis}
        choices={say.scales}
        onChange={(yAxis) => set({ yAxis: yAxis as Render['yAxis'] })}
      />
      <Figure label={say.yMin} value={render.yMin} onChange={(yMin) => set({ yMin })} />
      <Figure label={say.yMax} value={render.yMax} onChange={(yMax) => set({ yMax })} />
      <Choice
        label={say.ySplit}
        value={render.ySplit}
        choices={say.splits}
        onChange={(ySplit) => set({ ySplit: ySplit as Render['ySplit'] })}
      />
      <Check
        label={say.accumulate}
        value={render.accumulate}
        onChange={(accumulate) => set({ accumulate })}
      />
      <Check
        label={say.isQuerySorted}
        value={render.isQuerySorted}
        onChange={(isQuerySorted) => set({ isQuerySorted })}
      />
    </>
  )
}

interface FieldProps<T> {
  readonly label: string
  readonly value: T
  readonly onChange: (value: T) => void
}

function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <label className={styles['field']}>
      <span>{label}</span>
      {children}
    </label>
  )
}

function Choice({
  label,
  value,
  choices,
  onChange,
}: FieldProps<string> & { readonly choices: Readonly<Record<string, string>> }) {
  return (
    <Field label={label}>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {Object.entries(choices).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  )
}

function Words({ label, value, onChange }: FieldProps<string | null>) {
  return (
    <Field label={label}>
      <input value={value ?? ''} onChange={(event) => onChange(event.target.value || null)} />
    </Field>
  )
}

function Figure({ label, value, onChange }: FieldProps<number | null>) {
  return (
    <Field label={label}>
      <input
        type="number"
        step="any"
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
      />
    </Field>
  )
}

function Check({ label, value, onChange }: FieldProps<boolean>) {
  return (
    <label className={styles['check']}>
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  )
}

/** Columns to tick; none means that the chart chooses. */
function Columns({
  label,
  value,
  names,
  onChange,
}: FieldProps<readonly string[]> & { readonly names: readonly string[] }) {
  return (
    <fieldset className={styles['columns']}>
      <legend>{label}</legend>
      {names.map((name) => (
        <Check
          key={name}
          label={name}
          value={value.includes(name)}
          onChange={(isTicked) =>
            onChange(isTicked ? [...value, name] : value.filter((each) => each !== name))
          }
        />
      ))}
    </fieldset>
  )
}
