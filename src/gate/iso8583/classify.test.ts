// The table of what terminals ask for, as a table; and that a message which contradicts itself has no class.
import { describe, expect, test } from 'vitest'
import { transactionClasses } from '../../domain/vocabulary.ts'
import { classify, classTable, type Asked } from './classify.ts'

const asked = (mti: number, processing: number, condition: number, kind: number, network = 0): Asked => ({
  mti,
  processing,
  condition,
  kind,
  network,
})

describe('what a terminal asks for', () => {
  test.each([
    ['签到, single keys', asked(800, -1, -1, 0, 1), 'sign_on'],
    ['签到, double keys', asked(800, -1, -1, 0, 3), 'sign_on'],
    ['签到, with a track key', asked(800, -1, -1, 0, 4), 'sign_on'],
    ['签退', asked(820, -1, -1, 0, 2), 'sign_off'],
    ['回响', asked(820, -1, -1, 0, 301), 'echo'],
    ['状态上送', asked(820, -1, -1, 0, 362), 'status'],
    ['参数传递', asked(800, -1, -1, 0, 364), 'parameter_download'],
    ['IC 公钥查询', asked(820, -1, -1, 0, 372), 'parameter_download'],
    ['IC 公钥下载', asked(800, -1, -1, 0, 370), 'parameter_download'],
    ['IC 参数下载结束', asked(800, -1, -1, 0, 381), 'parameter_download'],
    ['余额查询', asked(200, 310000, 0, 1), 'balance'],
    ['预授权', asked(100, 30000, 6, 10), 'preauth'],
    ['预授权撤销', asked(100, 200000, 6, 11), 'preauth_cancel'],
    ['预授权完成请求', asked(200, 0, 6, 20), 'preauth_completion'],
    ['预授权完成撤销', asked(200, 200000, 6, 21), 'void'],
    ['预授权完成通知', asked(220, 0, 6, 24), 'preauth_completion'],
    ['消费', asked(200, 0, 0, 22), 'sale'],
    ['消费撤销', asked(200, 200000, 0, 23), 'void'],
    ['退货', asked(220, 200000, 0, 25), 'refund'],
    ['离线结算', asked(220, 0, 0, 30), 'offline_upload'],
    ['结算调整', asked(220, 0, 0, 32), 'offline_upload'],
    ['结算调整（小费）', asked(220, 0, 0, 34), 'offline_upload'],
    ['冲正', asked(400, 0, 0, 22), 'reversal'],
    ['冲正 of anything', asked(400, 310000, 6, 99, 777), 'reversal'],
    ['批结算', asked(500, -1, -1, 0, 201), 'settlement'],
    ['批上送', asked(320, -1, -1, 0, 201), 'batch_upload'],
    ['批上送结束', asked(320, -1, -1, 0, 207), 'batch_upload'],
  ])('%s', (_, message, is) => expect(classify(message)).toBe(is))

  test.each([
    ['a sale that calls itself a void', asked(200, 0, 0, 23)],
    ['a void that calls itself a sale', asked(200, 200000, 0, 22)],
    ['a sale under the condition of a pre-authorisation', asked(200, 0, 6, 22)],
    ['a completion that is not of a pre-authorisation', asked(200, 0, 0, 20)],
    ['a sale as an advice', asked(220, 0, 0, 22)],
    ['a sale that says it is about the terminal', asked(200, 0, 0, 0, 301)],
    ['a kind nobody knows', asked(200, 0, 0, 77)],
    ['no F60', asked(200, 0, 0, -1, -1)],
    ['no F3', asked(200, -1, 0, 22)],
    ['an answer', asked(210, 0, 0, 22)],
    ['a network message nobody knows', asked(800, -1, -1, 0, 999)],
    ["a cashier's own sign-on, which opens no terminal", asked(820, -1, -1, 0, 401)],
    ['nothing at all', asked(-1, -1, -1, -1, -1)],
  ])('%s: no class', (_, message) => expect(classify(message)).toBeUndefined())

  test('every class is a word of the vocabulary; only a test sale is not on the wire', () => {
    const found = new Set([...classTable.map((row) => row[4]), 'reversal', 'test_sale'])
    expect([...found].sort()).toEqual(Object.keys(transactionClasses).sort())
  })
})
