// The one look: antd's components in our colours and sizes. Its styles are made as components appear and carry the page's
// nonce, so that the content policy refuses any other.
import type { ReactNode } from 'react'
import { App as Messages, ConfigProvider } from 'antd'
import zhCN from 'antd/es/locale/zh_CN'
import enUS from 'antd/es/locale/en_US'
import 'dayjs/locale/zh-cn'
import dayjs from 'dayjs'
import type { Language } from '../words.ts'

const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''
const stills = matchMedia('(prefers-reduced-motion: reduce)').matches

export function Look({ language, children }: { language: Language; children: ReactNode }) {
  dayjs.locale(language === 'zh' ? 'zh-cn' : 'en')
  return (
    <ConfigProvider
      csp={{ nonce }}
      locale={language === 'zh' ? zhCN : enUS}
      theme={{
        token: {
          colorPrimary: '#0958d9', colorLink: '#0958d9', colorError: '#b3261e', colorSuccess: '#2b7a1f', colorWarning: '#9a5b00',
          colorText: '#111827', colorTextSecondary: '#4b5563', colorTextTertiary: '#4b5563', colorTextQuaternary: '#6b7280', colorTextDescription: '#4b5563', colorTextDisabled: '#6b7280', colorTextPlaceholder: '#6b7280', borderRadius: 6, fontSize: 15, lineHeight: 1.6,
          controlHeight: 38, motion: !stills, fontFamily: 'var(--font)', colorBgLayout: '#f5f7fb',
        },
        components: { Table: { headerBg: '#f5f7fb' } },
      }}
      button={{ autoInsertSpace: false }}
    >
      <Messages>{children}</Messages>
    </ConfigProvider>
  )
}
