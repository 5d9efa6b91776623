import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/ui'
import { IconButton } from './IconButton'
import { toast } from './toast'

export interface CopyButtonProps {
  readonly text: string
  readonly label?: string
}

export function CopyButton({ text, label = t.copy }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [isCopied])

  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      toast({ title: t.copyRefused, tone: 'danger' })
    }
  }

  return (
    <IconButton
      size="small"
      label={isCopied ? t.copied : label}
      icon={isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
      onPress={() => void copy()}
    />
  )
}
