// The merchants whose stories are told; the rest of the demo's merchants are thrown with dice in estate.ts.
export type Written = {
  key: string; name: string; brand: string; mcc: string; at: [city: string, district: string]; terminals: Readonly<Record<string, number>>
  stores: number; contact: string
}
/** Merchants of the stories; `terminals` counts them by provider. */
export const written: readonly Written[] = [
  { key: 'apo', name: '上海阿婆小笼餐饮管理有限公司', brand: '阿婆小笼', mcc: '5812', at: ['上海', '浦东新区'], terminals: { yunhui: 8 }, stores: 2, contact: '林秀英' },
  { key: 'wanghu', name: '杭州望湖大酒店有限公司', brand: '望湖大酒店', mcc: '7011', at: ['杭州', '西湖区'], terminals: { yunhui: 4, hairun: 3 }, stores: 1, contact: '沈国平' },
  { key: 'jinguan', name: '成都锦官老火锅有限公司', brand: '锦官老火锅', mcc: '5812', at: ['成都', '锦江区'], terminals: { chengfutong: 6 }, stores: 2, contact: '罗志刚' },
  { key: 'tongxing', name: '北京同兴金银首饰有限公司', brand: '同兴金银首饰', mcc: '5944', at: ['北京', '朝阳区'], terminals: { hairun: 4 }, stores: 1, contact: '赵静怡' },
  { key: 'yuexiu', name: '广州越秀新月百货有限公司', brand: '新月百货', mcc: '5311', at: ['广州', '天河区'], terminals: { yunhui: 9 }, stores: 1, contact: '何永康' },
  { key: 'guihua', name: '南京桂花图书有限公司', brand: '桂花书店', mcc: '5942', at: ['南京', '秦淮区'], terminals: { yunhui: 3, chengfutong: 2 }, stores: 2, contact: '谢文' },
  { key: 'xiuniang', name: '苏州绣娘服饰有限公司', brand: '绣娘服饰', mcc: '5651', at: ['苏州', '姑苏区'], terminals: { yunhui: 4 }, stores: 2, contact: '朱慧敏' },
  { key: 'qinfeng', name: '西安秦风快餐有限公司', brand: '秦风面馆', mcc: '5814', at: ['西安', '碑林区'], terminals: { chengfutong: 4 }, stores: 2, contact: '韩建国' },
  { key: 'haitian', name: '青岛海天一家超市有限公司', brand: '海天一家', mcc: '5411', at: ['青岛', '市南区'], terminals: { hairun: 5, yunhui: 3 }, stores: 3, contact: '孙立新' },
  { key: 'shancheng', name: '重庆山城影业有限公司', brand: '山城影城', mcc: '7832', at: ['重庆', '渝中区'], terminals: { yunhui: 4 }, stores: 1, contact: '曾晓东' },
  { key: 'lushui', name: '厦门鹭水医药连锁有限公司', brand: '鹭水药房', mcc: '5912', at: ['厦门', '思明区'], terminals: { chengfutong: 4 }, stores: 2, contact: '叶春梅' },
  { key: 'yunling', name: '昆明云岭旅行社有限公司', brand: '云岭旅行社', mcc: '4722', at: ['昆明', '五华区'], terminals: { hairun: 3 }, stores: 1, contact: '杨思远' },
  { key: 'banmu', name: '武汉半亩花卉有限公司', brand: '半亩花店', mcc: '5992', at: ['武汉', '江岸区'], terminals: { yunhui: 4 }, stores: 2, contact: '胡佳怡' },
]
