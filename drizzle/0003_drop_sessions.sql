-- Sessions were of nobody in particular: whoever was signed in signs in again, as a person.
DROP TABLE `session`;