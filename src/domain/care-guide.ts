// What a shop does with its device when a stop begins and while it lasts, by type of device; and what the provider has to
// withdraw elsewhere – one table each.
import type { DeviceType, UpstreamSystem, Words } from './vocabulary.ts'

type GuideMoment = 'before' | 'while' | 'return'
export type Guide = Readonly<Record<GuideMoment, readonly Words[]>>

const settle: Words = ['做批结算，核对当天金额', 'settle the batch and check the day’s total']
const signOff: Words = ['签退，确认屏幕显示已签退', 'sign off, and see that the screen says so']
const dry: Words = ['放在干燥、上锁的地方，不外借', 'keep it dry and locked away, and lend it to nobody']
const charge: Words = ['每月充一次电，保持半电以上', 'charge it once a month and keep it at least half full']
const signOn: Words = ['测试通过后签到，再做第一笔收款', 'sign on after the passed test, then take the first payment']

export const guides: Readonly<Record<DeviceType, Guide>> = {
  traditional: {
    before: [settle, ['打印结算单并存档', 'print the settlement slip and file it'], signOff, ['关机，拔下电源和电话线或网线', 'switch off, unplug power and line']],
    while: [dry, ['取出打印纸，盖好刷卡槽', 'take the paper out and cover the card slot'], charge],
    return: [['接好电源和线路，开机自检', 'plug in power and line, let it test itself'], ['装上打印纸', 'put paper in'], signOn],
  },
  smart: {
    before: [settle, ['等未上送的离线交易全部上送', 'wait until every offline transaction is uploaded'], signOff, ['退出应用，长按电源键关机', 'leave the app and hold the power key to switch off']],
    while: [dry, charge, ['不刷机、不装其他应用', 'install nothing else on it']],
    return: [['联网，完成系统与应用更新', 'go online and let system and app update'], ['检查 SIM 卡与流量', 'check SIM card and data'], signOn],
  },
  epos: {
    before: [settle, signOff, ['关闭蓝牙，长按电源键关机', 'switch Bluetooth off and hold the power key']],
    while: [dry, charge],
    return: [['充满电，与手机重新配对', 'charge it full and pair it with the phone again'], signOn],
  },
  qrbox: {
    before: [settle, ['收起收款码，拔下电源', 'put the code away and unplug'], ['告知顾客其他付款方式', 'tell customers how else to pay']],
    while: [dry, ['保管好 SIM 卡', 'keep the SIM card safe']],
    return: [['接通电源，确认播报与网络正常', 'plug in; see that voice and network work'], ['重新摆放收款码并试扫', 'put the code out again and try it']],
  },
}

export type CleanUp = { system: UpstreamSystem; when: 'stop' | 'close'; words: Words }
/** What is withdrawn elsewhere: at once with every stop that may be long, or only when the terminal is closed for good. */
export const cleanUps: readonly CleanUp[] = [
  { system: 'tms', when: 'stop', words: ['TMS 中标记停用，暂停远程更新任务', 'mark it stopped in terminal management and pause its update jobs'] },
  { system: 'sim', when: 'stop', words: ['物联网卡办理停机保号', 'suspend the SIM card and keep its number'] },
  { system: 'host', when: 'close', words: ['主机删除终端号，终端号不再启用', 'delete the terminal number on the host; it is never used again'] },
  { system: 'keys', when: 'close', words: ['注销终端主密钥与工作密钥', 'destroy its master and working keys'] },
  { system: 'tms', when: 'close', words: ['TMS 中解除绑定并清除应用参数', 'unbind it in terminal management and wipe its parameters'] },
  { system: 'sim', when: 'close', words: ['物联网卡销号', 'cancel the SIM card'] },
  { system: 'unionpay', when: 'close', words: ['银联终端入网信息报备注销', 'withdraw the terminal’s registration with UnionPay'] },
  { system: 'wechat', when: 'close', words: ['微信支付终端报备注销', 'withdraw the terminal’s registration with WeChat Pay'] },
  { system: 'alipay', when: 'close', words: ['支付宝终端报备注销', 'withdraw the terminal’s registration with Alipay'] },
]
