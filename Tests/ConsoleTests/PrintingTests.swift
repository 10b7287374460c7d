import Console
import Foundations
import PrimitiveKit
import Testing

struct PrintingTests {
  private struct Bot: Answered {
    static var luaType: String { "fleet.Bot" }
    static var fields: [FieldInfo] {
      [FieldInfo("name", "string", "Its name"), FieldInfo("host", "string", "Where"), FieldInfo("age", "number", "s")]
    }
    var value: Value { .null }
  }

  private struct Other: Answered {
    static var luaType: String { "fleet.Other" }
    static var fields: [FieldInfo] { [FieldInfo("zone", "string", "z"), FieldInfo("name", "string", "n")] }
    var value: Value { .null }
  }

  private static let printer = ValuePrinter([
    Primitive(immediate: "fleet.bots", "Lists bots.", returns: "bots", examples: []) { () throws(CallFailure) in [Bot()]
    }
    .info,
    Primitive(immediate: "fleet.others", "Lists others.", returns: "others", examples: []) { () throws(CallFailure) in
      [Other()]
    }.info,
  ])

  @Test(arguments: [
    (Value.int(42), "42"), (.string("a\"b\n"), #""a\"b\n""#), (.bool(false), "false"), (.number(0.5), "0.5"),
    (.array([.int(1), .string("x")]), #"{ 1, "x" }"#), (.table([:]), "{}"),
    (.table(["b": .int(1), "a": .table(["c": .null])]), "{ a = { c = nil }, b = 1 }"),
  ])
  func `small values read as Lua`(value: Value, text: String) {
    #expect(Self.printer.text([value], columns: 80) == text)
  }

  @Test func `nil alone shows nothing, beside others it shows`() {
    #expect(Self.printer.text([.null], columns: 80) == nil)
    #expect(Self.printer.text([], columns: 80) == nil)
    #expect(Self.printer.text([.null, .string("why")], columns: 80) == "nil\n\"why\"")
  }

  private static let rows = Value.array([
    .table(["host": .string("web1"), "name": .string("bot1"), "age": .int(7), "zeta": .bool(true), "alpha": .null]),
    .table(["host": .string(""), "name": .string("bot10"), "age": .number(12.5), "tags": .array([.int(1)])]),
  ])

  @Test func `records stand in the order of their declared type, then by name`() {
    #expect(
      Self.printer.text([Self.rows], columns: 80) == """
        name   host   age  alpha  tags   zeta
        bot1   web1     7      -  -      true
        bot10        12.5      -  { 1 }  -
        """
    )
  }

  @Test func `columns that do not fit are named`() {
    #expect(
      Self.printer.text([Self.rows], columns: 20) == """
        name   host   age
        bot1   web1     7
        bot10        12.5
        +3 columns: alpha,
          tags, zeta
          (print_all(_)
          shows everything)
        """
    )
  }

  @Test func `the first text column that does not fit shows its beginning`() {
    let rows = Value.array([
      .table(["name": .string("bot1"), "host": .string("it said no, and that was all"), "age": .int(7)])
    ])
    #expect(
      Self.printer.text([rows], columns: 26) == """
        name  host
        bot1  it said no, and tha…
        +1 column: age
          (print_all(_) shows
          everything)
        """
    )
    let last = Value.array([.table(["name": .string("bot1"), "alpha": .string("it said no, and that was all")])])
    #expect(
      Self.printer.text([last], columns: 26) == """
        name  alpha
        bot1  it said no, and tha…
        (print_all(_) shows
          everything)
        """
    )
  }

  private struct Report: Answered {
    static var luaType: String { "fleet.Report" }
    static var fields: [FieldInfo] {
      [
        FieldInfo("id", "string", "i"),
        FieldInfo(
          "steps",
          "fleet.Step[]",
          "s",
          fields: [FieldInfo("step", "string", "s"), FieldInfo("at", "string", "a")]
        ),
      ]
    }
    var value: Value { .null }
  }

  @Test func `records within a record stand in their declared order`() {
    let printer = ValuePrinter([
      Primitive(immediate: "fleet.report", "Reports.", returns: "r", examples: []) { () throws(CallFailure) in Report()
      }
      .info
    ])
    let steps = Value.array([
      .table(["step": .string("roll out"), "at": .string("10:00")]),
      .table(["step": .string("look"), "at": .string("10:01")]),
    ])
    #expect(printer.text([steps], columns: 80) == "step      at\nroll out  10:00\nlook      10:01")
    let report = Value.table(["id": .string("r1"), "steps": steps])
    #expect(printer.text([report], columns: 60) == "id     =  \"r1\"\nsteps  =  2 records of step, at")
  }

  @Test func `a record too long for a line is a sheet`() {
    let record = Value.table([
      "name": .string("bot1"), "host": .string(String(repeating: "h", count: 8)), "age": .int(7),
    ])
    let text = "name  =  \"bot1\"\nhost  =  \"hhhhhhhh\"\nage   =  7"
    #expect(Self.printer.text([record], columns: 20) == text)
  }

  @Test func `a sheet that is too wide says so`() {
    let record = Value.table(["name": .string("bot1"), "host": .string(String(repeating: "h", count: 20))])
    let text = "name  =  \"bot1\"\nhost  =  \"hhhhhhhhh…\n(print_all(_) shows everything)"
    #expect(Self.printer.text([record], columns: 20) == text)
    #expect(!Self.printer.whole(record).contains("…"))
  }

  @Test(arguments: [
    (Value.array([.string("a"), .string("b")]), "a, b"), (.array([.string("a,b")]), #"{ "a,b" }"#),
    (.array([]), "{}"), (.string("-"), #""-""#), (.string(" x"), #"" x""#), (.string(""), ""),
  ])
  func `a cell is plain where it can be nothing else`(value: Value, cell: String) {
    let text = Self.printer.text([.array([.table(["name": value, "age": .int(1)])])], columns: 80)
    #expect(
      text == "name" + String(repeating: " ", count: max(0, cell.count - 4)) + "  age\n"
        + cell + String(repeating: " ", count: max(0, 4 - cell.count)) + "    1"
    )
  }

  @Test func `a long table says how many rows are left, and can be seen whole`() throws {
    let value = Value.array((1...250).map { .table(["name": .string("bot\($0)")]) })
    let lines = try #require(Self.printer.text([value], columns: 80)).split(separator: "\n")
    #expect(lines.count == 202)
    #expect(lines.last == "+50 rows (print_all(_) shows everything)")
    #expect(Self.printer.whole(value).split(separator: "\n").count == 251)
  }

  @Test func `control characters of a cell cannot reach the terminal`() {
    let value = Value.array([.table(["name": .string("a\u{1B}[31m")])])
    #expect(Self.printer.text([value], columns: 80) == "name\n\"a\\027[31m\"")
  }

  @Test(arguments: [
    (
      CallFailure(
        .invalid,
        code: "call.argument",
        message: "fleet.exec: no argument named 'timout'",
        hint: "did you mean 'timeout'?",
        trace: ["runbooks/x.lua:3"]
      ),
      ["runbooks/x.lua:3: fleet.exec: no argument named 'timout'", "  hint: did you mean 'timeout'?"]
    ),
    (
      CallFailure(
        .invalid,
        code: "lua.error",
        message: "x.lua:9: boom",
        trace: ["x.lua:9 in inner", "x.lua:12 in outer", "x.lua:20"]
      ),
      ["x.lua:9: boom", "  called from x.lua:12 in outer", "  called from x.lua:20"]
    ),
    (CallFailure(.defect, code: "internal.error", message: "boom"), ["boom"]),
  ])
  func `a failure says where, what, and what to try`(failure: CallFailure, lines: [String]) {
    #expect(FailureText.lines(failure, style: Style(isColored: false)) == lines)
  }

  @Test(arguments: [
    (true, ["TERM": "xterm"], true), (false, ["TERM": "xterm"], false), (true, ["TERM": "dumb"], false),
    (true, ["TERM": "xterm", "NO_COLOR": "1"], false), (true, ["TERM": "xterm", "NO_COLOR": ""], true),
    (true, [:], false),
  ])
  func `colours need a terminal that has them and nobody who declined`(
    isTerminal: Bool,
    environment: [String: String],
    isColored: Bool
  ) {
    #expect(Style.wantsColor(isTerminal: isTerminal, environment: environment) == isColored)
  }

  private struct Moment: Record {
    let at: Int64?
    static let luaType = "test.Moment"
    static let columns: [Column<Self>] = [Column(time: "at", "When") { $0.at }, Column("note", "What") { _ in "x" }]
  }

  @Test func `a terminal shows points in time as its machine says them, a pipe as programs read them`() {
    let printer = ValuePrinter([
      Primitive(immediate: "moments", "Lists.", returns: "moments", examples: []) { () throws(CallFailure) in
        [Moment(at: 0)]
      }.info
    ])
    let moment: Int64 = 1_795_230_847_000
    let rows = [Moment(at: moment), Moment(at: nil)].value
    #expect(printer.text([rows], columns: 80)?.contains(Instant.words(moment)) == true)
    #expect(printer.text([rows], columns: nil)?.contains(Instant.local(moment)) == true)
    // Text of that form in other records is left alone.
    let other = Value.array([.table(["line": .string(Instant.local(moment))])])
    #expect(printer.text([other], columns: 80)?.contains(Instant.local(moment)) == true)
  }

  private static let wide = Value.array(
    (1...2).map { number in
      .table([
        "name": .string("bot\(number)"), "host": .string("web\(number)"),
        "why": .string("one of the hosts has said that the disk is full and nothing more can be written to it"),
        "words": .string("several more words, so that the whole is wider than any terminal"), "zeta": .int(1),
      ])
    }
  )

  @Test func `at a terminal no line of all of a value is broken within a word`() {
    let text = Self.printer.whole(Self.wide, columns: 80)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(text)")
    // A record below the other, every field of it.
    #expect(lines.filter { $0.hasPrefix("name ") }.count == 2 && lines.contains(""), "\(text)")
    #expect(text.contains("full and") && text.contains("any terminal\""), "\(text)")
    // A pipe gets one line per record.
    #expect(Self.printer.whole(Self.wide).split(separator: "\n").count == 3)
    #expect(Self.printer.whole(Self.rows, columns: 80) == Self.printer.whole(Self.rows))
  }

  @Test func `the foot of a table is broken between words`() {
    let fields = (1...12).map { ("field_number_\($0)", Value.string("some text of a width")) }
    let value = Value.array([.table(Dictionary(uniqueKeysWithValues: fields))])
    let text = Self.printer.text([value], columns: 80) ?? ""
    #expect(
      text.split(separator: "\n").allSatisfy { $0.count <= 80 } && text.contains("(print_all(_) shows"),
      "\(text)"
    )
  }

  @Test func `a primitive that is named and not called says how it is`() {
    #expect(
      Self.printer.text([.string("<function fleet.bots>")], columns: 80)
        == "fleet.bots is a function: fleet.bots() calls it, help(fleet.bots) explains it"
    )
    #expect(Self.printer.text([.string("<function>")], columns: 80) == "\"<function>\"")
  }
}
