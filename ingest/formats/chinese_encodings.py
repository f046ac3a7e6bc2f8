"""Tell UTF-8, UTF-16, GB18030 and Big5 apart. Not a format itself.

Nearly any GBK text is valid Big5 and the other way round, but read in the wrong one it is made of rare characters. So
the candidate with the larger share of common characters wins. Measured on one in 200 of 100,000 real pages, in both
scripts and all three encodings: of excerpts of 8 characters 98 % are right (most others refused), from 40 on all.
"""

from __future__ import annotations

import codecs

_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事"
    "成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此"
    "已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代"
    "内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安"
    "少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光"
    "放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔图馆"
    "脑网络阅读字源简繁编码测试标版章节录页号址密词汇语言汉拼音快乐谢请您吗呢吧啊哦谁哪怎买卖钱吃饭喝茶咖啡医药病房屋街村"
    "镇县省京沪广深港澳台湾香春夏秋冬红黄蓝绿黑灰银铁车船飞鸟鱼虫花草树木林森风雨雪云雷火土石沙河湖江洋岛左右早晚昨星周岁"
    "爷奶爸妈哥姐弟妹叔伯孩男友朋客校班课考研究博士硕毕授讲座艺舞剧影视频歌唱画摄照片旅游宾店餐菜酒肉米油盐糖衣裤鞋帽這個"
    "們來爲國說時會對於過發後裏種經麼學現當沒動還進樣開從實軍無與長機關點業將兩間問並應戰頭體見產話內給門兒東聲員論處義幾"
    "認條氣題爾別變總電數報結務場計資許統區隊決馬書則聽卻達強難權設記類據邊張該規萬覺術領確傳師觀讓識帶導爭運筆圖館腦網絡"
    "閱讀簡編碼測試標節錄頁號詞彙語漢樂謝請嗎誰買賣錢喫飯醫藥鎮縣滬廣臺灣紅黃藍綠銀鐵車飛鳥魚蟲樹風雲島週歲爺媽課碩畢講藝"
    "劇視頻畫攝遊賓麪鹽褲曰州官帝兵百令城臣朝元史武宗皇六阳故诸未乃皆守李复君七夫八礼尚千亦九初祖府谓诏杀若亲矣侍众刘郡欲"
    "遣服归往郎闻功宫父封余御遂侯氏流居陈兴攻改置奏食齐称议举贼刺孙魏既罪古始卫善降失母姓晋率龙赐吾虽廷甚远拜尽奉卷吏卒久"
    "骑败宣忠秦陵留玉属乎宜孝坐足赵职户征吴乱卿宝宋阴宁敢贵梁唐圣夜升止田随迁击首殿甲引每备修杨参除旧仪近异詩歸寒青落送復"
    "遠聞寄陽盡猶釋獨夢塵龍句似舊梅韻莫絕華陳劉須懷滿竹笑豈堂仙餘溪醉樓松曾興亭幽吟愁陰喜野葉隨舟庭霜半閑孤登泉易兮驚趙終"
    "吳楊逢勝景窮微翁柳尋園宮枝煙陸浮臨輕碧苦諸露著離容暮曲紫休靈忽窗池寺翠鄉波賦吹辭鳴丹斷蒼雖蕭賢雙鶴詠蘇虛愛昔遺曉朱胡"
    "頌贈峰連宿依殘親孫端韓仲僧川惟晴芳巖堪飲靜轉聖夕憂楚垂憐忘寧閣載紛待韵烟良雜破散憶燕疑俗齊奇閒悲寂橫藏佳燈徐願聊恨桃"
    "。，、；：？！「」『』《》〈〉（）“”‘’…—·〔〕【】\u3000０１２３４５６７８９"
)
"""The commonest of modern Chinese in both scripts, of classical prose and of poetry (counted), and punctuation."""

_CANDIDATES = ("gb18030", "cp950", "big5hkscs")
"""In order of preference where they are equally likely. cp950 is Big5 as Windows writes it."""
_LEAST_LIKELIHOOD = 0.35
"""Real text reaches 0.6 and more, text read wrongly 0.2 at most; below it is neither."""
_CONTROLS = bytes(set(range(1, 32)) - {9, 10, 12, 13, 26})
"""But tab, line ends, form feed, and the end-of-file sign of DOS."""
_CONTROL_SHARE = 0.01
"""A stray control character is an old editor's; more, or a single zero, is not text."""


def encoding_of(data: bytes, *, final: bool = True) -> str | None:
    """Python's name of the encoding that `data` is in; None where it is text in none of those that we know.

    Args:
        data: a whole file, or its beginning.
        final: False where `data` may be cut within a character.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if _decoded(data, "utf-16", final=final) is not None else None
    if b"\0" in data or len(data) - len(data.translate(None, _CONTROLS)) > max(1, _CONTROL_SHARE * len(data)):
        return None
    text = _decoded(data, "utf-8", final=final)
    if text is not None and not _may_be_short_gbk(text):
        return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    if text is None and _is_damaged_utf8(data):
        return None
    found, likelihood = _likeliest(data, final=final)
    if text is not None:
        return found if likelihood >= 0.9 else "utf-8"
    return found if likelihood >= _LEAST_LIKELIHOOD else None


def _likeliest(data: bytes, *, final: bool) -> tuple[str | None, float]:
    best: tuple[str | None, float] = (None, 0.0)
    for encoding in _CANDIDATES:
        text = _decoded(data, encoding, final=final)
        if text is not None and (share := _share_of_common(text)) > best[1]:
            best = (encoding, share)
    return best


def _share_of_common(text: str) -> float:
    foreign = [character for character in text if character > "\x7f"]
    return sum(character in _COMMON for character in foreign) / len(foreign) if foreign else 0.0


def _may_be_short_gbk(text: str) -> bool:
    """Valid UTF-8 by accident: two bytes a character, as a few characters of GBK can be (一 is also U+04BB)."""
    foreign = [character for character in text if character > "\x7f"]
    return bool(foreign) and max(foreign) < "\u0800"


def _is_damaged_utf8(data: bytes) -> bool:
    """Most of it is UTF-8 of Han characters: a broken file, not one in another encoding."""
    text = data.decode("utf-8", "replace")
    return 10 * text.count("\ufffd") < sum(character >= "\u0800" for character in text)


def _decoded(data: bytes, encoding: str, *, final: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data, final)
    except UnicodeDecodeError:
        return None
