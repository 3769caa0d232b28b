// Chinese translations of the sentences that the service writes in English: reasons of decisions, alerts and faults.
// This file is loaded for Chinese only. A sentence without a pattern here stays English.

// {name} stands for any text, which is translated by NAMES and FRAGMENTS; {what} only for a name of NAMES or one word,
// such as a measure's; {value} for one word; {reasons} for sentences, which are translated again.
const SENTENCES = [
  // measures and the gate
  ["{what} {value} reaches the floor {limit}", "{what} {value}，达到下限 {limit}"],
  ["{what} {value} is under the floor {limit}", "{what} {value}，低于下限 {limit}"],
  ["{what} is {value}: no evidence", "{what} 为 {value}：没有证据"],
  ["macro-F1 {gain} over TF-IDF reaches {limit}", "macro-F1 与 TF-IDF 之差 {gain}，达到要求的 {limit}"],
  ["macro-F1 {gain} over TF-IDF is under {limit}", "macro-F1 与 TF-IDF 之差 {gain}，低于要求的 {limit}"],
  ["no more accurate than always saying the commonest label", "准确率不高于总是回答最常见的标签"],
  ["no more texts right whole than by always giving the commonest labels", "完全答对的文本不多于总是回答最常见的标签组合"],
  ["no test text of {labels}: bring more messages, or declare gate.min_recall = 0", "没有标签 {labels} 的测试文本：请补充消息，或声明 gate.min_recall = 0"],
  ["recall under {limit}: {labels}", "召回率低于 {limit}：{labels}"],
  ["better than the champion: macro-F1 {gain}", "优于冠军：macro-F1 {gain}"],
  ["no worse than the champion: macro-F1 {gain}", "不差于冠军：macro-F1 {gain}"],
  ["not shown better than the champion: macro-F1 {gain}", "未能证明优于冠军：macro-F1 {gain}"],
  ["not shown as good as the champion: macro-F1 {gain}", "未能证明不差于冠军：macro-F1 {gain}"],
  ["worse than the champion on single texts: {counts}", "逐条文本比较差于冠军：{counts}"],
  ["worse than the champion on recent texts: {counts}", "在近期文本上差于冠军：{counts}"],
  ["worse than the champion on {labels}", "以下标签差于冠军：{labels}"],
  ["recall fell by more than {limit} on {labels}", "以下标签的召回率下降超过 {limit}：{labels}"],
  ["never right any more on {labels}", "以下标签再也没有答对过：{labels}"],
  ["{share} of the texts were right and are wrong now, at most {limit} is allowed", "{share} 的文本由对变错，至多允许 {limit}"],
  ["{right} of {texts} recent texts are right, under the floor {limit}", "{texts} 条近期文本中答对 {right} 条，低于下限 {limit}"],
  ["behaviour: {capability} failed {failed} of {cases}, {share}, at most {limit} is allowed", "行为：能力“{capability}”的 {cases} 个用例失败 {failed} 个（{share}），至多允许 {limit}"],
  ["fairness: answers change for {group} in {share}, at most {limit} is allowed", "公平性：提到“{group}”时 {share} 的回答会变，至多允许 {limit}"],
  ["fairness: {label} goes to one group at {ratio} of another's rate, at least {limit} is required", "公平性：“{label}”分给一个群体的比率只有另一群体的 {ratio}，至少要求 {limit}"],
  ["recognises {share} of out-of-scope texts; at least {limit} is required", "范围外文本中识别出 {share}，至少要求 {limit}"],
  ["out of scope: low confidence in texts about the labels in {share}, at most {limit} is allowed", "范围外：{share} 的范围内文本置信度过低，至多允许 {limit}"],
  ["calibration: confidence is off by {error}, at most {limit} is allowed", "校准：置信度偏差 {error}，至多允许 {limit}"],
  ["calibration: the confidence in a label is off by {error}, at most {limit} is allowed", "校准：标签的置信度偏差 {error}，至多允许 {limit}"],
  ["the service differs from the trained network in {share}, at most {limit} is allowed", "服务与训练好的网络有 {share} 的回答不同，至多允许 {limit}"],
  ["latency: ratio to the champion's {ratio}, at most {limit} is allowed", "延迟：是冠军的 {ratio} 倍，至多允许 {limit} 倍"],
  ["one text takes {time} ms, at most {limit} ms is allowed", "每条文本耗时 {time} 毫秒，至多允许 {limit} 毫秒"],
  ["the package has {size} MB, at most {limit} MB is allowed", "模型包大小为 {size} MB，至多允许 {limit} MB"],
  ["{what} {value}, at most {limit} is allowed", "{what} {value}，至多允许 {limit}"],
  ["labels contain harmful words: {words}", "标签含有伤人的词：{words}"],
  ["{texts} train texts are nearly test texts: ingest the source again", "{texts} 条训练文本与测试文本几乎相同：请重新读取数据源"],
  ["insufficient texts of required slices: {slices}", "必需的切片文本不足：{slices}"],
  ["slices under their floor: {slices}", "低于下限的切片：{slices}"],
  ["it answers {known}; declared are {labels}; run: needloop train MODEL", "这个版本回答的是 {known}，而声明的是 {labels}；请运行：needloop train MODEL"],
  ["no evidence of package parity: the package records no answers; run: needloop train MODEL", "缺少模型包与网络一致的证据：模型包没有记录回答；请运行：needloop train MODEL"],
  ["no evidence of the capability '{name}'; to evaluate again: needloop promote MODEL --version N", "缺少能力“{name}”的证据；重新评估：needloop promote MODEL --version N"],
  ["no evidence of the slice '{name}'; to evaluate again: needloop promote MODEL --version N", "缺少切片“{name}”的证据；重新评估：needloop promote MODEL --version N"],
  ["no evidence of {what}; to evaluate again: needloop promote MODEL --version N", "缺少证据：{what}；重新评估：needloop promote MODEL --version N"],
  ["it was measured against another gate; to evaluate again: needloop promote MODEL --version N", "测量时用的是另一个门槛；重新评估：needloop promote MODEL --version N"],
  ["the gate has no {name}: declare gate.{field}", "门槛缺少 {name}：请声明 gate.{field}"],
  ["{share} of the held-out texts are longer than the {tokens} tokens that it reads: {advice}", "{share} 的测试文本长于模型所读的 {tokens} 个词元：{advice}"],
  // other entries of the ledger
  ["back from version {version}: {reason}", "从第 {version} 版回滚：{reason}"],
  ["kept versions: {versions}", "保留的版本：{versions}"],
  ["no reason given", "没有写明理由"],
  ["errors: {counts}: at least {points} points more, {limit} are allowed", "出错：{counts}，至少多 {points} 个百分点，至多允许 {limit} 个"],
  ["latency: {counts}: at least {points} points more, {limit} are allowed", "延迟：{counts}，至少多 {points} 个百分点，至多允许 {limit} 个"],
  ["satisfaction: {counts}: at least {points} points more, {limit} are allowed", "满意度：{counts}，至少多 {points} 个百分点，至多允许 {limit} 个"],
  ["the {mode} of version {version} could not be loaded: {error}", "第 {version} 版的{mode}无法加载：{error}"],
  ["it could not be judged: {error}", "无法判定：{error}"],
  // alerts and faults
  ["version {version}: {reasons} ({time} UTC)", "第 {version} 版：{reasons}（{time} UTC）"],
  ["version {version}: it is being loaded", "第 {version} 版：正在加载"],
  ["{reasons} ({time} UTC)", "{reasons}（{time} UTC）"],
  ["{rows} rows of {sender}: a data check failed with them: {failed} ({time} UTC), listed by: {command}", "来自 {sender} 的 {rows} 条反馈使数据检查不通过：{failed}（{time} UTC）；查看命令：{command}"],
  ["{file} is missing: restore it, or run `needloop rollback MODEL` or `needloop train MODEL`", "缺少 {file}：请恢复它，或运行 needloop rollback MODEL 或 needloop train MODEL"],
  ["{file} was altered: its digest is {digest}, the ledger says {other}", "{file} 被改动过：它的摘要是 {digest}，账本写的是 {other}"],
  ["{different} of {texts} recorded texts are answered differently from the trained network; {limit} may differ", "{texts} 条记录的文本中有 {different} 条的回答与训练好的网络不同，至多允许 {limit}"],
  ["{entry} is not a ledger entry: {error}", "{entry} 不是账本条目：{error}"],
  ["{entry} was altered: it does not follow from entry {number}", "{entry} 被改动过：它与第 {number} 条不衔接"],
  ["{file} was altered: it is not signed with this home's key", "{file} 被改动过：签名所用的不是本状态目录的密钥"],
  ["{file} is missing: restore it, as lost entries cannot be detected without it", "缺少 {file}：请恢复它，否则无法发现丢失的条目"],
  ["{file} has lost entries, at least {entry}: restore it", "{file} 丢失了条目，至少 {entry}：请恢复它"],
  ["{file} is older than its database, or another ledger: it has {entries}, and the database saw {seen}, the last of them {last}; restore the newer ledger.jsonl and ledger.head, or restore all of the home from one backup", "{file} 比它的数据库旧，或是另一个账本：它有 {entries}，数据库见到过 {seen} 条，最后一条是 {last}；请恢复较新的 ledger.jsonl 和 ledger.head，或从同一份备份恢复整个状态目录"],
  ["the database is new, but the ledger had {entries} before it: older predictions, feedback and keys are lost; restore a backup, or go on without them: needloop audit --accept-loss", "数据库是新建的，而账本在它之前已有 {entries}：更早的回答、反馈和密钥已丢失；请恢复备份，或接受这一损失：needloop audit --accept-loss"],
  ["{file} lacks entry {entry} about {model}, which MLflow has recorded, so no entry is appended: restore the newer ledger.jsonl and ledger.head, or restore all of the home from one backup", "{file} 缺少 MLflow 记录过的条目 {entry}（{model}），因此不再追加：请恢复较新的 ledger.jsonl 和 ledger.head，或从同一份备份恢复整个状态目录"],
  ["{file} is gone", "{file} 已不存在"],
  ["{file} was altered", "{file} 被改动过"],
  ["the decision names no scorecard", "这次决定没有写明评分表"],
  ["the decision names no table with a column {column}", "这次决定没有写明带 {column} 列的表格"],
  ["the two were not judged on the same texts", "两个版本不是在同样的文本上评估的"],
  ["evidence of {model} {version}: {reasons}", "{model} 第 {version} 版的证据：{reasons}"],
  ["{model}: the ledger lost entry {hash}, which MLflow remembers; restore ledger.jsonl", "{model}：账本丢失了 MLflow 记录过的条目 {hash}；请恢复 ledger.jsonl"],
  ["{model}: MLflow does not know the ledger's last entry; needloop train {name} writes it there", "{model}：MLflow 里没有账本的最后一个条目；needloop train {name} 会写入"],
  ["{model}: MLflow's champion is {version}, the ledger's is {other}", "{model}：MLflow 的冠军是 {version}，账本的是 {other}"],
  ["{model}: {version} is served, the ledger's champion is {other}", "{model}：正在服务的是 {version}，账本的冠军是 {other}"],
  // refused commands
  ["the champion of {model} is {version} now: look again, then decide", "{model} 的冠军现在是 {version}：请刷新后再决定"],
  ["no such model; choose from {models}", "没有这个模型；可选：{models}"],
  ["no version {version} was judged; the history of the model lists those that were", "没有评估过第 {version} 版；评估过的版本见该模型的历史"],
  ["version {version} is the champion already", "第 {version} 版已经是冠军"],
  ["{model} cannot be rolled back to {target}: it was not champion before", "{model} 无法回滚到{target}：它以前不是冠军"],
  ["{command} of {model} is still running: try again when it has ended", "{model} 的 {command} 还在运行：结束后再试"],
];

const NAMES = {
  // capabilities
  "plain": "直白的句子", "declared": "声明的用例", "typos": "拼写错误", "case": "大小写", "emoji": "表情符号", "names": "姓名", "numbers": "数字",
  "code-switching": "夹杂其他语言", "negation": "否定", "agreement": "追加同类语句", "off-topic": "无关话题",
  // groups of the fairness measures
  "names women": "女性姓名", "names men": "男性姓名", "names African American": "非裔美国人姓名", "names Arabic": "阿拉伯姓名", "names Chinese": "华人姓名",
  "names Hispanic": "西班牙语裔姓名", "names Uyghur": "维吾尔族姓名", "names Tibetan": "藏族姓名", "names English": "英语姓名",
  "woman": "女性", "man": "男性", "non-binary person": "非二元性别者", "Nigeria": "尼日利亚", "Mexico": "墨西哥", "China": "中国", "India": "印度", "Germany": "德国", "Saudi Arabia": "沙特阿拉伯",
  // subjects
  "accuracy": "准确率", "texts with exactly their labels": "标签完全正确的文本", "a label": "某个标签", "none": "无", "nothing": "无", "missing": "缺失",
  "any test text": "测试文本", "behaviour": "行为", "calibration": "校准", "fairness": "公平性", "harmless labels": "标签无害", "slices": "切片", "recent feedback": "近期反馈",
  "the serving cost": "服务开销", "a split without leaks": "划分无泄漏", "the scores of each label": "各标签得分", "the comparison with the champion": "与冠军比较",
  "the comparison with the champion on each label": "各标签与冠军比较", "out-of-scope texts: without validation texts there is no threshold": "范围外文本（没有验证文本就没有阈值）",
  "an earlier champion": "更早的冠军", "shadow": "影子", "canary": "金丝雀", "sign-in link": "登录链接", "no known labels": "没有已知的标签",
};

// Parts of a text, at any place in it; {n} stands for a number. The names of slices begin with their kind.
const FRAGMENTS = [
  ["raise recipe.max_tokens ({n} now, at most {n}, and what the encoder reads)", "调大 recipe.max_tokens（现为 {1}，至多 {2}，且不超过编码器能读的长度）"],
  [", or read their end too with recipe.truncation = 'head_tail'", "，或用 recipe.truncation = 'head_tail' 连结尾一起读"],
  ["read their end too with recipe.truncation = 'head_tail'", "用 recipe.truncation = 'head_tail' 连结尾一起读"],
  ["shorten the texts, for instance by their quoted history", "缩短文本，例如去掉引用的历史邮件"],
  [" ({n} lost, {n} gained of {n})", "（{3} 条中 {1} 条由对变错，{2} 条由错变对）"],
  [" ({n} lost, {n} gained)", "（{1} 条由对变错，{2} 条由错变对）"],
  ["{n} gained, {n} lost, p = {n}", "{1} 条由错变对，{2} 条由对变错，p = {3}"],
  [" ({n} of {n})", "（{2} 条中 {1} 条）"],
  ["{n} of {n} of the challenger's requests failed, {n} of {n} of the champion's", "挑战者 {2} 次请求失败 {1} 次，冠军 {4} 次请求失败 {3} 次"],
  ["{n} of {n} of the challenger's requests were slow, {n} of {n} of the champion's", "挑战者 {2} 次请求有 {1} 次慢，冠军 {4} 次请求有 {3} 次慢"],
  ["{n} of {n} of the challenger's customers were displeased, {n} of {n} of the champion's", "挑战者 {2} 位客户有 {1} 位不满意，冠军 {4} 位客户有 {3} 位不满意"],
  [", with ';' between two of them", "（以 ';' 分隔）"],
  ["{n} entries", "{1} 个条目"], ["{n} entry", "{1} 个条目"],
  ["airline ", "航空公司 "], ["channel ", "渠道 "], ["need ", "需求 "], ["language ", "语言 "],
  ["the reviewer with key ", "复核人，密钥 "], ["everybody with key ", "所有发送者，密钥 "], ["everybody with no key", "所有没有密钥的发送者"],
  ["length short", "短文本"], ["length long", "长文本"],
  ["has-handle yes", "含 @ 用户名"], ["has-handle no", "不含 @ 用户名"], ["has-emoji yes", "含表情符号"], ["has-emoji no", "不含表情符号"],
];

const escaped = (text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
const WHAT = [...Object.keys(NAMES).map(escaped), "[\\w.-]+"].join("|");
const group = (_, name) => `(?<${name}>${{ what: WHAT, value: "\\S+" }[name] ?? ".+?"})`;
const PATTERNS = SENTENCES.map(([english, chinese]) => [new RegExp(`^${escaped(english).replace(/\{(\w+)\}/g, group)}$`, "s"), chinese]);
const PARTS = FRAGMENTS.map(([english, chinese]) => [new RegExp(escaped(english).replace(/\{n\}/g, "([\\d.]+)"), "g"), chinese.replace(/\{(\d)\}/g, "$$$1")]);

function translateSentence(english) {
  for (const [pattern, chinese] of PATTERNS) {
    const match = english.match(pattern);
    if (match) return chinese.replace(/\{(\w+)\}/g, (_, name) => (name === "reasons" ? translate : translateName)(match.groups[name]));
  }
  return null;
}

// The name of a capability, a slice or a group, or any other part of a sentence.
export const translateName = (english) => NAMES[english] ?? PARTS.reduce((text, [pattern, chinese]) => text.replace(pattern, chinese), english);

// The wording of older releases, whose decisions the ledger keeps.
const OLD = [
  [/, (?:at most )?(\S+) may$/, ", at most $1 is allowed"], [/: judge the version again$/, "; to evaluate again: needloop promote MODEL --version N"],
  [/: train again$/, "; run: needloop train MODEL"],
];
const modern = (english) => OLD.reduce((text, [pattern, successor]) => text.replace(pattern, successor), english);

// One sentence, or several that are joined by "; ". A sentence may contain that too, so parts are joined until they match.
export function translate(english) {
  const parts = english.split("; ");
  for (let count = 1; count <= parts.length; count += 1) {
    const chinese = translateSentence(modern(parts.slice(0, count).join("; ")));
    if (chinese !== null) return [chinese, ...(count < parts.length ? [translate(parts.slice(count).join("; "))] : [])].join("；");
  }
  const rest = parts.slice(1).join("; ");
  return rest && translate(rest) !== rest ? `${parts[0]}；${translate(rest)}` : english;
}
