// Where the demo's merchants are and what they trade in. Districts carry their code (GB/T 2260, for enterprise codes) and the
// area code that UnionPay writes into merchant numbers; trades carry their MCC and how their tills behave.
export type Place = {
  city: string; district: string; districtCode: string; areaCode: string; longitude: number; latitude: number; streets: readonly string[]
}

const place = (
  city: string, district: string, districtCode: string, areaCode: string, longitude: number, latitude: number, streets: string,
): Place => ({ city, district, districtCode, areaCode, longitude, latitude, streets: streets.split(' ') })

export const places: readonly Place[] = [
  place('上海', '黄浦区', '310101', '2900', 121.484, 31.231, '福州路 淮海中路 西藏中路'),
  place('上海', '静安区', '310106', '2900', 121.447, 31.228, '南京西路 愚园路 延平路'),
  place('上海', '浦东新区', '310115', '2900', 121.544, 31.222, '张杨路 世纪大道 浦电路'),
  place('北京', '朝阳区', '110105', '1000', 116.443, 39.921, '朝阳北路 工人体育场北路 望京街'),
  place('北京', '海淀区', '110108', '1000', 116.298, 39.96, '中关村大街 知春路 学院路'),
  place('天津', '和平区', '120101', '1100', 117.214, 39.117, '滨江道 南京路 和平路'),
  place('广州', '天河区', '440106', '5810', 113.361, 23.125, '天河路 体育西路 黄埔大道西'),
  place('广州', '荔湾区', '440103', '5810', 113.244, 23.126, '上下九路 龙津西路 花地大道中'),
  place('深圳', '福田区', '440304', '5840', 114.055, 22.522, '华强北路 福华三路 红荔路'),
  place('深圳', '南山区', '440305', '5840', 113.93, 22.533, '科技园路 南海大道 桃园路'),
  place('杭州', '西湖区', '330106', '3310', 120.13, 30.259, '文三路 天目山路 曙光路'),
  place('杭州', '上城区', '330102', '3310', 120.171, 30.246, '河坊街 延安路 解放路'),
  place('宁波', '海曙区', '330203', '3320', 121.551, 29.859, '中山西路 药行街 柳汀街'),
  place('南京', '秦淮区', '320104', '3010', 118.794, 32.022, '太平南路 中华路 贡院街'),
  place('南京', '鼓楼区', '320106', '3010', 118.77, 32.066, '中山北路 湖南路 汉中路'),
  place('苏州', '姑苏区', '320508', '3050', 120.617, 31.336, '观前街 人民路 平江路'),
  place('合肥', '蜀山区', '340104', '3610', 117.26, 31.851, '长江西路 潜山路 金寨路'),
  place('福州', '鼓楼区', '350102', '3910', 119.304, 26.082, '八一七北路 五四路 杨桥路'),
  place('厦门', '思明区', '350203', '3930', 118.082, 24.446, '中山路 湖滨南路 厦禾路'),
  place('青岛', '市南区', '370202', '4520', 120.395, 36.071, '香港中路 中山路 闽江路'),
  place('郑州', '金水区', '410105', '4910', 113.661, 34.8, '花园路 文化路 农业路'),
  place('武汉', '江岸区', '420102', '5210', 114.309, 30.6, '中山大道 解放大道 胜利街'),
  place('武汉', '武昌区', '420106', '5210', 114.316, 30.554, '中南路 武珞路 徐东大街'),
  place('长沙', '雨花区', '430111', '5510', 113.035, 28.136, '韶山中路 劳动东路 人民中路'),
  place('重庆', '渝中区', '500103', '6530', 106.569, 29.553, '解放碑步行街 中山三路 八一路'),
  place('成都', '锦江区', '510104', '6510', 104.08, 30.657, '春熙路 红星路三段 东大街'),
  place('成都', '武侯区', '510107', '6510', 104.043, 30.642, '武侯祠大街 人民南路四段 科华北路'),
  place('昆明', '五华区', '530102', '7310', 102.707, 25.044, '南屏街 人民中路 翠湖东路'),
  place('西安', '碑林区', '610103', '7910', 108.94, 34.257, '东大街 南关正街 友谊西路'),
  place('西安', '雁塔区', '610113', '7910', 108.948, 34.222, '小寨西路 长安南路 雁塔西路'),
]

export type Trade = {
  mcc: string
  /** What stands behind the brand in a merchant's name, for an enterprise and for one person's shop. */
  company: string; shop: string
  brands: readonly string[]
  /** Middle ticket in yuan, and how far tickets stray from it (deviation of their logarithm). */
  ticketYuan: number; spread: number
  /** Sales a day on one terminal. */
  daily: number
  /** First and last hour of sales, and its busy hours. */
  hours: readonly [from: number, to: number]; peaks: readonly number[]
  weekend: number
  /** Share of scanned payments; the rest are cards. */
  qr: number
  preauth?: true
}

const trade = (t: Omit<Trade, 'brands' | 'peaks'> & { brands: string; peaks: readonly number[] }): Trade => ({ ...t, brands: t.brands.split(' ') })

export const trades: readonly Trade[] = [
  trade({ mcc: '5812', company: '餐饮管理有限公司', shop: '饭店', brands: '福满堂 聚贤 百味 和顺 望江 清风 老灶台 湘水 石库门 稻香里', ticketYuan: 168, spread: 0.6, daily: 3.8, hours: [10, 22], peaks: [12, 18, 19], weekend: 1.4, qr: 0.62 }),
  trade({ mcc: '5814', company: '快餐有限公司', shop: '面馆', brands: '小麦田 热汤 巷口 三碗 阿兴 晨光 老街', ticketYuan: 32, spread: 0.4, daily: 5.2, hours: [6, 21], peaks: [7, 12, 18], weekend: 0.9, qr: 0.85 }),
  trade({ mcc: '5411', company: '超市有限公司', shop: '生鲜店', brands: '家和 惠民 万家福 邻里 绿野 新天地', ticketYuan: 76, spread: 0.7, daily: 5.2, hours: [8, 22], peaks: [10, 17, 18, 19], weekend: 1.3, qr: 0.75 }),
  trade({ mcc: '5499', company: '便利店有限公司', shop: '便利店', brands: '二十四点 快来 街角 好邻 小站', ticketYuan: 24, spread: 0.5, daily: 5.2, hours: [7, 23], peaks: [8, 12, 18, 21], weekend: 1, qr: 0.9 }),
  trade({ mcc: '5462', company: '食品有限公司', shop: '糕点铺', brands: '麦香 桂花 金穗 云片 芝麻街', ticketYuan: 46, spread: 0.5, daily: 3.8, hours: [7, 21], peaks: [8, 16, 18], weekend: 1.2, qr: 0.82 }),
  trade({ mcc: '5912', company: '医药连锁有限公司', shop: '药房', brands: '同春 济和 百草 康宁 仁心', ticketYuan: 88, spread: 0.7, daily: 3, hours: [8, 21], peaks: [9, 17], weekend: 1, qr: 0.6 }),
  trade({ mcc: '5944', company: '珠宝有限公司', shop: '金银首饰店', brands: '瑞祥 金玉满堂 同兴 宝丰', ticketYuan: 3_600, spread: 0.7, daily: 1.2, hours: [10, 21], peaks: [14, 15, 19], weekend: 1.7, qr: 0.2 }),
  trade({ mcc: '5651', company: '服饰有限公司', shop: '服装店', brands: '霓裳 素衣 青禾 织锦 南方', ticketYuan: 420, spread: 0.6, daily: 1.9, hours: [10, 22], peaks: [15, 16, 19, 20], weekend: 1.7, qr: 0.5 }),
  trade({ mcc: '5311', company: '百货有限公司', shop: '百货商店', brands: '新月 银泰来 城南 东方红 百联兴', ticketYuan: 310, spread: 0.8, daily: 4.5, hours: [10, 22], peaks: [14, 15, 19, 20], weekend: 1.6, qr: 0.45 }),
  trade({ mcc: '5942', company: '图书有限公司', shop: '书店', brands: '纸间 晓风 南窗 漫读', ticketYuan: 68, spread: 0.5, daily: 2.2, hours: [9, 21], peaks: [14, 16, 19], weekend: 1.8, qr: 0.7 }),
  trade({ mcc: '5732', company: '电子科技有限公司', shop: '数码店', brands: '极光 蓝点 联信 微星河', ticketYuan: 1_900, spread: 0.8, daily: 1.4, hours: [10, 21], peaks: [15, 19], weekend: 1.5, qr: 0.35 }),
  trade({ mcc: '5712', company: '家居有限公司', shop: '家具店', brands: '木作 安宅 简舍', ticketYuan: 2_600, spread: 0.9, daily: 0.9, hours: [9, 20], peaks: [11, 15], weekend: 2, qr: 0.25 }),
  trade({ mcc: '5977', company: '化妆品有限公司', shop: '美妆店', brands: '花颜 莹润 素肌', ticketYuan: 260, spread: 0.6, daily: 1.9, hours: [10, 22], peaks: [15, 20], weekend: 1.5, qr: 0.6 }),
  trade({ mcc: '7230', company: '美容服务有限公司', shop: '理发店', brands: '发艺 悦己 名剪', ticketYuan: 128, spread: 0.7, daily: 2.2, hours: [10, 22], peaks: [14, 19], weekend: 1.5, qr: 0.75 }),
  trade({ mcc: '7011', company: '酒店管理有限公司', shop: '宾馆', brands: '云栖 江畔 锦程 悦来 金桂', ticketYuan: 458, spread: 0.5, daily: 2.2, hours: [7, 23], peaks: [12, 14, 20], weekend: 1.3, qr: 0.35, preauth: true }),
  trade({ mcc: '7512', company: '汽车租赁有限公司', shop: '租车行', brands: '畅行 一路 驰远', ticketYuan: 620, spread: 0.5, daily: 1.1, hours: [8, 20], peaks: [9, 18], weekend: 1.4, qr: 0.15, preauth: true }),
  trade({ mcc: '7832', company: '影业有限公司', shop: '影城', brands: '星幕 大光明来 光影', ticketYuan: 96, spread: 0.4, daily: 3.8, hours: [11, 23], peaks: [14, 19, 20], weekend: 2, qr: 0.7 }),
  trade({ mcc: '4722', company: '旅行社有限公司', shop: '旅行社门市部', brands: '四海 青旅程 远方', ticketYuan: 1_480, spread: 0.8, daily: 1, hours: [9, 19], peaks: [10, 15], weekend: 0.8, qr: 0.3 }),
  trade({ mcc: '5541', company: '石化销售有限公司', shop: '加油站', brands: '顺达 通衢 长路', ticketYuan: 290, spread: 0.35, daily: 4.5, hours: [6, 23], peaks: [8, 17, 18], weekend: 1, qr: 0.55 }),
  trade({ mcc: '5992', company: '花卉有限公司', shop: '花店', brands: '春城 半亩 花间', ticketYuan: 118, spread: 0.6, daily: 1.9, hours: [9, 20], peaks: [10, 17], weekend: 1.3, qr: 0.8 }),
  trade({ mcc: '8062', company: '医院有限公司', shop: '医院', brands: '康复 仁济来 惠民', ticketYuan: 240, spread: 0.9, daily: 3.8, hours: [8, 18], peaks: [9, 10, 15], weekend: 0.5, qr: 0.5 }),
]
export const tradeOf = (mcc: string): Trade => trades.find((t) => t.mcc === mcc)!

const surnames = '王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 邓 冯 韩 曹 曾 彭 萧 蔡 潘 田 董 袁 于 余 叶 蒋 杜 苏 魏 程 吕 丁 沈 任'.split(' ')
const given = '建国 秀英 伟 芳 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 文 志远 雨晴 浩然 梓涵 思远 海燕 春梅 国庆 晓东 红梅 立新 慧敏 俊峰 佳怡 天佑 永康'.split(' ')
export const personNames = { surnames, given }
