# SPDX-License-Identifier: Apache-2.0
# Takes the examples out of a document, README.md or a manual page. Writes the
# body of each to OUT/N and prints a line about it:
#
#	N LINE KIND NAME FLAG
#
# HACKING.md ("Examples in documents") has the convention. KIND is "unmarked"
# when an example does not say what it is, "macro" when the text of one in a
# manual page is not plain.
# usage: awk -v out=OUT -f tests/doc/examples.awk DOCUMENT

function begin(words,    n, word)
{
	n = split(words, word, /[ \t]+/)
	file = out "/" ++count
	printf "" >file
	inside = 1
	about = count " " FNR " " (n > 0 ? word[1] : "unmarked") " " \
	    (n > 1 ? word[2] : "-") " " (n > 2 ? word[3] : "-")
	plain = n > 0 && word[1] == "text"
}

function end()
{
	close(file)
	inside = 0
	print about
}

BEGIN { fence = "```" }

# Markdown.
FILENAME ~ /\.md$/ {
	if (index($0, fence) == 1) {
		if (inside)
			end()
		else
			begin(substr($0, 4))
	} else if (inside)
		print >file
	next
}

# mdoc: a comment says what the display that follows is.
/^\.\\" example:/ {
	marked = $0
	sub(/^[^:]*: */, "", marked)
	next
}
/^\.Bd .*-literal/ || /^\.Bd .*-unfilled/ {
	begin(marked)
	marked = ""
	next
}
/^\.Ed/ && inside {
	end()
	next
}
inside && /^\./ && !plain {
	about = count " " FNR " macro - -"
	next
}
inside {
	gsub(/\\&/, "")
	gsub(/\\\(ti/, "~")
	gsub(/\\\(ha/, "^")
	gsub(/\\\(dq/, "\"")
	gsub(/\\\(aq/, "'")
	gsub(/\\-/, "-")
	gsub(/\\e/, "\\")
	print >file
}
