import Foundation
import Foundations
import Testing

struct PathTextTests {
  @Test(arguments: [
    ("p", "."), ("", "."), (".", "."), ("p/", "."), ("a/b", "a"), ("a//b", "a"), ("a/b/", "a"), ("./p", "."),
    ("/", "/"), ("//", "/"), ("/p", "/"), ("/a/b", "/a"), ("../p", ".."), ("é/ü", "é"),
  ])
  func `a directory is what dirname says`(path: String, directory: String) {
    #expect(PathText.directory(of: path) == directory)
  }

  @Test func `no source asks Foundation for the directory of a path, which traps for a name of one letter`() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
    let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
    #expect(names.count > 500)
    for name in names {
      let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
      #expect(!text.contains("as NSString"), "\(name)")
    }
  }
}
