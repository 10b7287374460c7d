package import PrimitiveKit
import Reference
import Synchronization

/// The primitives of the session itself: help, printing, leaving.
package final class SessionPrimitives: Sendable {
  private struct Tools {
    var book = HelpBook([])
    var printer = ValuePrinter([])
    var show: @Sendable (String) -> Void = { _ in }
  }

  private let control: SessionControl
  private let tools = Mutex(Tools())

  package init(control: SessionControl) { self.control = control }

  /// Hands over what exists only once the catalog is whole: its declarations and where text is shown.
  package func connect(_ infos: [PrimitiveInfo], show: @escaping @Sendable (String) -> Void) {
    tools.withLock { $0 = Tools(book: HelpBook(infos), printer: ValuePrinter(infos), show: show) }
  }

  package var all: [Primitive] { [help, printAll, exit("exit"), exit("quit")] }

  private var help: Primitive {
    Primitive(
      immediate: "help",
      "Explains primitives: all, one, or those that a word finds.",
      Parameter<String?>("subject", default: nil, "A primitive, its name, a module, or words to search for"),
      returns: "nothing; the text is printed",
      examples: [
        Example("help()", "everything, one line each"),
        Example("help(help)", "one primitive"),
        Example(#"help "print""#, "what a word finds"),
      ],
      topics: ["documentation", "manual", "man", "search"]
    ) { subject throws(CallFailure) in
      let (book, show) = self.tools.withLock { ($0.book, $0.show) }
      show(try book.text(about: subject))
      return Value.null
    }
  }

  private var printAll: Primitive {
    Primitive(
      immediate: "print_all",
      "Prints a value whole: every row, every column, nothing shortened.",
      Parameter<Value>("value", default: .null, "What to print, for example `_`, the last result"),
      returns: "nothing; the text is printed",
      examples: [Example(#"print_all<value={ { name = "web1" }, { name = "web2" } }>"#, "two records as a table")],
      topics: ["table", "columns", "output"]
    ) { value throws(CallFailure) in
      let (printer, show) = self.tools.withLock { ($0.printer, $0.show) }
      show(printer.whole(value))
      return Value.null
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
