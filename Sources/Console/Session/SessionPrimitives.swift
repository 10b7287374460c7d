package import PrimitiveKit
import Reference

/// The primitives of the session itself: help, printing, leaving.
package struct SessionPrimitives: Sendable {
  /// What exists only once the catalog is whole: its declarations and where text is shown.
  package struct Tools: Sendable {
    let book: HelpBook
    private let printer: ValuePrinter
    private let width: @Sendable () -> Int?
    let show: @Sendable (String) -> Void

    /// `surface` is where the text is shown: at a terminal its lines fit.
    package init(_ infos: [PrimitiveInfo], functions: [LuaFunction] = [], on surface: any Surface) {
      book = HelpBook(infos, functions: functions)
      printer = ValuePrinter(infos)
      width = { surface.width }
      show = surface.printed
    }

    func whole(_ value: Value) -> String { printer.whole(value, columns: width()) }
  }

  private let control: SessionControl
  private let tools: Bound<Tools>

  package init(control: SessionControl, tools: Bound<Tools>) {
    self.control = control
    self.tools = tools
  }

  package var all: [Primitive] { [help, printAll, shown, exit("exit"), exit("quit")] }

  private var help: Primitive {
    Primitive(
      immediate: "help",
      "Shows help: all primitives, one, or those matching a word.",
      Parameter<String?>("subject", default: nil, "A primitive, its name, a module, or words to search for"),
      returns: "nothing; the text is printed",
      examples: [
        Example("help()", "everything, one line each"),
        Example("help(help)", "one primitive"),
        Example(#"help "print""#, "search by a word"),
      ],
      topics: ["documentation", "manual", "man", "search"]
    ) { subject throws(CallFailure) in
      let tools = try self.tools()
      tools.show(try tools.book.text(about: subject))
      return Value.null
    }
  }

  private var printAll: Primitive {
    Primitive(
      immediate: "print_all",
      "Prints a value in full: every row, every column, nothing shortened.",
      Parameter<Value>("value", default: .null, "The value, for example `_`, the last result"),
      returns: "nothing; the text is printed",
      examples: [Example(#"print_all<value={ { name = "web1" }, { name = "web2" } }>"#, "two records as a table")],
      topics: ["table", "columns", "output"]
    ) { value throws(CallFailure) in
      let tools = try self.tools()
      tools.show(tools.whole(value))
      return Value.null
    }
  }

  /// What `print` writes for a table.
  private var shown: Primitive {
    Primitive(
      immediate: "opsh_shown",
      "Returns a value as text, as `print_all` shows it.",
      Parameter<Value>("value", "What to show"),
      returns: "the text",
      examples: [Example("opsh_shown({ value = { 1, 2 } })", "gives { 1, 2 }")]
    ) { value throws(CallFailure) in
      try self.tools().whole(value)
    }
  }

  private func exit(_ name: String) -> Primitive {
    Primitive(
      immediate: name,
      "Leaves opsh.",
      Parameter<Int>("code", default: 0, "The exit status, 0 to 255"),
      returns: "never",
      examples: [],
      topics: ["leave", "end"]
    ) { code throws(CallFailure) -> Value in
      guard (0...255).contains(code) else {
        throw CallFailure(.invalid, code: "call.argument", message: "\(name): 'code' should be 0 to 255, got \(code)")
      }
      self.control.leave(Int32(code))
      throw CallFailure(.cancelled, code: "session.exit", message: "leaving with status \(code)")
    }
  }
}
