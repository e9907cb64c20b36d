namespace KnowledgePay.Learning.Simulation;

/// <summary>The words that simulated courses are written with, in English and Chinese.</summary>
internal static class CourseWords
{
    /// <summary>A subject of teaching: its slug and its topics in both languages, in the order in which they are learnt.</summary>
    internal sealed record Subject(string Slug, string[] English, string[] Chinese);

    public static readonly Subject[] Subjects =
    [
        new("programming", ["Python", "Algorithms", "Databases", "Web services", "Concurrency", "Compilers"], ["Python编程", "算法", "数据库", "网络服务", "并发编程", "编译原理"]),
        new("data-science", ["Statistics", "Data cleaning", "Regression", "Machine learning", "Deep learning", "Causal inference"], ["统计学", "数据清洗", "回归分析", "机器学习", "深度学习", "因果推断"]),
        new("finance", ["Accounting", "Budgeting", "Corporate finance", "Portfolio theory", "Derivatives", "Risk management"], ["会计学", "家庭理财", "公司金融", "投资组合", "衍生品", "风险管理"]),
        new("languages", ["Pronunciation", "Everyday English", "Business writing", "Public speaking", "Translation", "Debate"], ["发音训练", "日常英语", "商务写作", "公众演讲", "翻译", "辩论"]),
        new("psychology", ["Emotions", "Personality", "Child development", "Habits", "Cognition", "Counselling"], ["情绪管理", "人格心理", "儿童发展", "习惯养成", "认知科学", "心理咨询"]),
        new("history", ["Ancient China", "The Silk Road", "Medieval Europe", "The Age of Sail", "Industrial revolutions", "The modern world"], ["先秦史", "丝绸之路", "中世纪欧洲", "大航海", "工业革命", "近现代史"]),
        new("design", ["Drawing", "Colour", "Typography", "Interfaces", "Motion", "Brand design"], ["素描", "色彩", "字体设计", "界面设计", "动效", "品牌设计"]),
        new("music", ["Listening", "Piano", "Harmony", "Songwriting", "Mixing", "Conducting"], ["音乐欣赏", "钢琴", "和声", "歌曲写作", "混音", "指挥"]),
        new("health", ["Sleep", "Nutrition", "Yoga", "Running", "First aid", "Traditional medicine"], ["睡眠", "营养学", "瑜伽", "跑步", "急救", "中医基础"]),
        new("management", ["Time management", "Negotiation", "Leading teams", "Product thinking", "Strategy", "Organisations"], ["时间管理", "谈判", "团队领导", "产品思维", "战略", "组织行为"]),
        new("science", ["Astronomy", "Genetics", "Chemistry at home", "Electricity", "Relativity", "Quantum physics"], ["天文学", "遗传学", "生活化学", "电磁学", "相对论", "量子物理"]),
        new("literature", ["Tang poetry", "Short stories", "The novel", "Drama", "Criticism", "Creative writing"], ["唐诗", "短篇小说", "长篇小说", "戏剧", "文学批评", "创意写作"]),
    ];

    public static readonly string[] EnglishOpenings = ["Practical", "Essential", "Modern", "Hands-on", "A first course in", "The art of", "Thirty days of", "Understanding"];

    public static readonly string[] ChineseClosings = ["入门", "实战", "精讲", "三十讲", "通识课", "训练营", "工作坊", "大师课"];

    public static readonly string[] EnglishAudiences = ["for beginners", "for busy people", "for parents", "in depth", "step by step", "with projects"];

    public static readonly string[] EnglishSentences =
    [
        "Short lessons with an exercise after each.",
        "Every idea is shown on a real case first.",
        "You finish with a piece of work of your own.",
        "No background is needed beyond curiosity.",
        "The teacher answers questions every week.",
        "Notes and readings come with each lesson.",
    ];

    public static readonly string[] ChineseSentences =
    [
        "每节课都配有练习。", "从真实案例讲起，再讲原理。", "学完可以独立完成一个作品。", "零基础也能听懂。", "老师每周答疑。", "附完整讲义与阅读材料。",
    ];

    public static readonly string[] Surnames = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴"];

    public static readonly string[] GivenNames = ["文静", "建国", "晓东", "雨桐", "思远", "海燕", "子轩", "明哲", "佳怡", "志强"];

    public static readonly string[] EnglishNames = ["Ada Moore", "Brian Castle", "Clara Webb", "David Okoro", "Elena Rossi", "Farah Aziz", "George Lund", "Hana Sato"];

    public static readonly string[] Levels = ["beginner", "intermediate", "advanced"];

    public static readonly string[] Competitors = ["classhall", "lecturebay", "openknow"];

    public static readonly string[] Occupations = ["student", "engineer", "teacher", "sales", "civil-servant", "nurse", "freelancer", "manager", "retired"];

    public static readonly string[] Regions = ["CN-BJ", "CN-SH", "CN-GD", "CN-SC", "CN-ZJ", "CN-HB", "SG", "GB-LND", "US-CA"];

    public static readonly string[] Educations = ["secondary", "bachelor", "master", "doctorate"];

    public static readonly string[] EnglishPraise =
        ["Excellent course, clear and useful.", "I love the teacher, great examples.", "Really helpful, worth the money.", "Well structured and inspiring."];

    public static readonly string[] EnglishComplaints =
        ["Boring and too slow, a waste of time.", "Disappointing, the sound is terrible.", "Confusing, poor examples.", "Too expensive for what it is, I want a refund."];

    public static readonly string[] EnglishShrugs = ["It is all right.", "Some lessons are fine, others less so."];

    public static readonly string[] ChinesePraise = ["讲得很好，收获很大。", "老师很棒，推荐给大家！", "内容实用，非常满意。", "清晰易懂，物超所值。"];

    public static readonly string[] ChineseComplaints = ["太无聊了，浪费时间。", "很失望，声音很差。", "讲得混乱，听不懂。", "太贵了，不值这个价，想退款。"];

    public static readonly string[] ChineseShrugs = ["一般吧。", "有的课还可以，有的普通。"];
}
