import { Menu as MenuIcon } from 'lucide-react'
import { useState } from 'react'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components'
import { t } from '@/i18n/en/shell'
import { IconButton } from '@/ui'
import css from './Drawer.module.css'
import { Groups } from './Navigation'
import navigation from './Navigation.module.css'
import { useNavigation } from './useNavigation'

/** The navigation of a narrow screen, behind its button. */
export function Drawer() {
  const groups = useNavigation()
  const [isOpen, setOpen] = useState(false)
  return (
    <div className={css['narrow']}>
      <IconButton label={t.openNavigation} icon={<MenuIcon aria-hidden />} onPress={() => setOpen(true)} />
      <ModalOverlay isDismissable isOpen={isOpen} onOpenChange={setOpen} className={css['overlay']!}>
        <Modal className={css['modal']!}>
          <Dialog aria-label={t.navigation} className={css['dialog']!}>
            <nav aria-label={t.mainNavigation} className={navigation['drawer']}>
              <Groups groups={groups} onPress={() => setOpen(false)} />
            </nav>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </div>
  )
}
