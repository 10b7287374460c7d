import PrimitiveKit
import Testing

struct HostPathTests {
  @Test(arguments: [
    ("~/a b", "a b", "'a b'", "."), ("a/b", "a/b", "a/b", "a/"), ("-a", "-a", "./-a", "."),
    ("~//etc/x", "etc/x", "etc/x", "etc/"),
    ("./a", "a", "a", "."), ("~/.//.x", ".x", ".x", "."), ("./-a", "-a", "./-a", "."),
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
    let family = HostPath(String(repeating: "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", count: 10))
    #expect(family.beside("0123456789ab").plain.utf8.count <= 60)
    let other = HostPath("/d/" + String(repeating: "n", count: 254)).beside("0123456789ab").plain
    #expect(other != long)
    #expect(HostPath(".x.opsh-7").beside("8").plain == ".x.opsh-7+8")
  }
}
