import { t } from '@/i18n/en/grid'
import { toast } from '@/ui/toast'

/** Puts a text, once it is there, on the clipboard, and says so. */
export async function copyText(text: Promise<string | null>): Promise<void> {
  try {
    await navigator.clipboard.writeText((await text) ?? '')
    toast(t.copied)
  } catch {
    toast({ title: t.notCopied, tone: 'warning' })
  }
}
