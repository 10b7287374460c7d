import HostScript
import Testing

struct HostLineTests {
  @Test func `values are decoded and fields found by name`() throws {
    let line = try HostLine(parsing: "error\tbot1\tcode=x\tmessage=a%09b%0A50%25=")
    #expect(line.kind == .error)
    #expect(line.subject == "bot1")
    #expect(line["message"] == "a\tb\n50%=")
  }

  @Test func `a kind of a newer script is kept`() throws {
    #expect(try HostLine(parsing: "weather\t-").kind == .other("weather"))
  }

  @Test(arguments: [
    "", "step", "step\t", "\tbot1", "Step\tbot1", "step\tbot1\tx", "step\tbot1\t=x", "step\tb\tx=%2", "step\tb\tx=%zz",
  ])
  func `what the script cannot have written is refused with its text`(text: String) {
    #expect(throws: HostScriptError.malformedLine(text)) { try HostLine(parsing: text) }
  }

  @Test func `an inspected bot is read`() throws {
    let bot = try HostBot(
      HostLine(
        parsing: "bot\tbot1\tstate=stale-pid\timage=v1\tdigest=sha256:ab\tpid=\tstarted=\tlogin=unknown"
          + "\theartbeat_age=\tprev=present\tswap=settle"
      )
    )
    #expect(bot.state == .stalePID)
    #expect(bot.pid == nil)
    #expect(bot.hasPrevious)
    #expect(bot.unfinishedSwap == "settle")
  }

  @Test(arguments: ["state", "login", "image", "digest", "prev"])
  func `an inspected bot without a field is an error that names it`(field: String) throws {
    let fields = ["state=running", "image=v1", "digest=sha256:ab", "login=yes", "prev=none"]
    let text = "bot\tbot1\t" + fields.filter { !$0.hasPrefix(field) }.joined(separator: "\t")
    let line = try HostLine(parsing: text)
    #expect(throws: HostScriptError.missingField(field, line: text)) { try HostBot(line) }
  }

  @Test func `an outcome nobody knows is not taken for success`() throws {
    let line = try HostLine(parsing: "result\tbot1\toutcome=fine\timage=v1\tdigest=sha256:ab\tseconds=1.0")
    #expect(throws: HostScriptError.badField("outcome", line: line.text)) { try SwapResult(line) }
  }
}
