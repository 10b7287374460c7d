import PrimitiveKit
import Testing

struct HostPathTests {
  @Test(arguments: [
    ("~/a b", "a b", "'a b'", "."), ("a/b", "a/b", "a/b", "a/"), ("-a", "-a", "./-a", "."),
    ("/a/b", "/a/b", "/a/b", "/a/"),
  ])
  func `a tilde is the login directory`(text: String, plain: String, word: String, directory: String) throws {
    let path = try #require(HostPath(checking: text))
    #expect(path.plain == plain && path.word == word && path.directory == directory)
    #expect(try HostPath(.string(text)) == path && path.value == .string(plain))
  }

  @Test(arguments: ["", "~", "~/", "~ann/file", "/etc/", "a\nb", "a\0b"])
  func `what names no file of a host is refused`(text: String) {
    #expect(HostPath(checking: text) == nil)
    #expect(throws: ConversionError.self) { try HostPath(.string(text)) }
    #expect(throws: DataError.self) { try DataField(.string(text), path: "audit.sink.path").hostPath() }
  }

  @Test func `a file is written beside its place first`() {
    #expect(HostPath("~/conf/x").beside("7").plain == "conf/.x.opsh-7")
    #expect(HostPath("x").beside("7").plain == ".x.opsh-7")
    let long = HostPath("/d/" + String(repeating: "n", count: 255)).beside("0123456789ab").plain
    #expect(long.hasPrefix("/d/.nnn") && long.count - "/d/".count <= 255)
  }
}
