// A stream's collection is what stands before its last slash.

import TallyReplay
import Testing

struct CollectionTests {
    @Test(arguments: [
        ("crm/contact/42", "crm/contact"), ("a/b", "a"), ("a", ""), ("a/", "a"), ("/a", ""),
    ])
    func collections(stream: String, collection: String) {
        #expect(stream.collection == collection)
    }
}
